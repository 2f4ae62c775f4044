"""What all stages share: the words, the messages between stages, the decisions without I/O, and the adapters to the world."""

"""SQS for the laptop: the emulator's, with the moving of messages out of a dead letter queue that it does not know."""

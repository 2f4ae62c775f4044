"""Stand-ins for the services that messages go to. Each refuses what the real one would refuse."""

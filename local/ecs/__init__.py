"""ECS for the laptop: the emulator's, with the history of deployments and the service scheduler that it does not have."""

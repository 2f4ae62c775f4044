"""AWS Certificate Manager for the laptop: the emulator's, with the renewal that it does not know."""

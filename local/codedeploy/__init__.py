"""CodeDeploy for the laptop: the emulator has none, so this holds deployments that can be looked at, stopped and rolled back."""

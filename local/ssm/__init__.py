"""SSM Automation for the laptop: runs our own runbooks, step by step, against the emulated account."""

"""RDS for the laptop: the emulator's, with the standby of a Multi-AZ instance and the optimizing of storage that it does not have."""

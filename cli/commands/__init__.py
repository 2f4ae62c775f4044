"""One file for each thing that can be asked for. `COMMANDS` in it is what the command line finds."""

"""EC2's dry runs, which the emulator would carry out."""

"""What is noise, and what to do with it: one decision a file, without I/O, with the clock as an argument."""

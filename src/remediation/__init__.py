"""May this be done, was it done, did it help."""

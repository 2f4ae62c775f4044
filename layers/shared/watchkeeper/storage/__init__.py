"""The adapters to AWS, one file for each port."""

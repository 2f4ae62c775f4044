"""What is stuck or due, put back on its way."""

"""What people see and order in a browser. Its room stands; the command line is the only window until it is built."""

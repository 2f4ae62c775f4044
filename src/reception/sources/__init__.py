"""Who can tell us that something happened, a file each. The registry finds them."""

"""What numbers and lines say by themselves: pure readings of series and service maps, before any rule or model."""

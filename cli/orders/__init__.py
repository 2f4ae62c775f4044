"""What the standing orders would do: for an event that could come, for the incidents that came, and how far each has come itself."""

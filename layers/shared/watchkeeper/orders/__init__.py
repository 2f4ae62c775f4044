"""The standing orders: what they say (model), of whom they speak (matching), when (times), and how far they are trusted (ladder)."""

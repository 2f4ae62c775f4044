"""Asks Claude, where that is worth its price: who is asked, what is shown, what it may cost, and how far the answer is believed."""

"""Reception: what happened, is it new, and which incident does it belong to?"""

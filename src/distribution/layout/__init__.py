"""How the briefing looks on each medium. Nothing here sends anything."""

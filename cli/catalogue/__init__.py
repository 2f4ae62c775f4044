"""What is written from the catalogue: its part of the templates, and a page of docs for each action."""

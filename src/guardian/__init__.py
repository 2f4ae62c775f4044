"""The second reader of a plan: another model, in a function of its own, that may hold a plan back and can let nothing run."""

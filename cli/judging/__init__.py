"""Scores an analyst on the incident cases of evals/incidents: read, run, judged, told."""

"""What people order: their answers from Slack and by the API, and the switch that stops everything. Later what they see in a browser."""

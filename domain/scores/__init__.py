"""What the verdicts add up to over a window."""

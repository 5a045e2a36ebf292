"""What is true: records, rules and scores. No I/O, no clock, no randomness."""

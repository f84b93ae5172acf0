"""What can be reported and under which rules; the app loads it once, every step reads it."""

"""What the machines notice about a report; they mark and hold, only a person rejects."""

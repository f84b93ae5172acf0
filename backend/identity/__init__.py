"""Who works with the system, and the trail of what they read and did."""

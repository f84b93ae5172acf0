"""The queue edge: what Redis rings for, what time itself is due for, and the processes."""

"""What a junta vecinal told, what came of it, and what its neighbours saw, too."""

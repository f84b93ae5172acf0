"""Denuncias and quejas from a citizen's phone to their end on an officer's desk, and back."""

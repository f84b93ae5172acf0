"""The reports themselves: their rows, states, numbers, and who may see them."""

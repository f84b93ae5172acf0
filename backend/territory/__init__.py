"""Where things are and which police unit answers for them."""

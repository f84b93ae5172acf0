"""Where danger was verified: facts, the analysts' cells, and the citizens' snapshot of them."""

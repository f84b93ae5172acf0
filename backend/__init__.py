"""What Yo Alerto knows and decides, without any HTTP."""

"""Installs, starts, stops, saves and restores one machine's Yo Alerto; the Makefile calls it."""

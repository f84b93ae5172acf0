"""Juntas vecinales: what the office does with its roster."""

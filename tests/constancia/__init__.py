"""Constancias: signed, typeset, checked by page and command."""

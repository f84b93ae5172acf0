"""Juntas vecinales: the roster (padrón) of each comisaría, and its coordinators' access."""

"""The proof: what juntas told and what came of it."""

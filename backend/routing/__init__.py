"""Which unit answers for a report, and by which rule."""

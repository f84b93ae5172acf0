"""Staff signed in to the panel, and reports on their desks."""

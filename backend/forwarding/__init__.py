"""Taking a report to where the police read: the desk, their mail, their own systems."""

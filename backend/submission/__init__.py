"""Taking in a report while the phone waits: one transaction, one answer; `mobile_api` calls it."""

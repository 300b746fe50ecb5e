"""What people may ask of their data: cases with a deadline, an export of all that we hold, and what is locked away after an erasure."""

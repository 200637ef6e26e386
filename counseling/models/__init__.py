"""The records of counseling/."""

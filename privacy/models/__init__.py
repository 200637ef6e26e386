"""The records of privacy/."""

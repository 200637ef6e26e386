"""The records of groups/."""

"""The records of cases/."""

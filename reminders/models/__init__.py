"""The records of reminders/."""

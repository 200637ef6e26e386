"""People: registering and finding them, their names and phones, and who is on their care team."""

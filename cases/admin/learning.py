"""Admin of returns to use, what was learned, and placement assessments."""

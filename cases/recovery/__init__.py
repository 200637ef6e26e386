"""Recovery: returns to use, sobriety dates, and what was learned from both."""

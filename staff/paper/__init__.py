"""A sheet of paper: what is on it, and how it is drawn as a PDF."""

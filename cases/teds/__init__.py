"""Data sets of admissions and discharges as TEDS public-use codes, or in the codes of the clinic's state."""

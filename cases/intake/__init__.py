"""Intake: calls, the inquiries they open, the waiting list, and offers of a place."""

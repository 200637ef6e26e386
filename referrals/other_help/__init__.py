"""Referrals to places outside for housing, medical care, legal help and the like, followed until there is a result."""

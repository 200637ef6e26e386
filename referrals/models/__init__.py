"""The records of referrals/."""

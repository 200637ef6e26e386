"""Numbers of this app that a clinic may change."""

from staff.thresholds import Threshold

FEED_DROP_PERCENT = Threshold(
    "referrals.feed_drop_percent",
    50,
    unit="percent",
    label="An import that would retire more than this share of a feed's meetings waits for somebody to confirm it",
    lowest=1,
    highest=100,
)
FOLLOWUP_HOURS = Threshold(
    "referrals.followup_hours",
    15,
    unit="hours",
    label="Time after a planned meeting until staff are asked how it went",
    source="Timko et al. 2006, intensive referral: attendance is followed up at the next session",
    lowest=1,
    highest=336,
)
CLIENT_REMINDER_HOURS = Threshold(
    "referrals.client_reminder_hours",
    4,
    unit="hours",
    label="Time before a planned meeting at which the client is reminded",
    lowest=1,
    highest=72,
)
OFFER_STALE_DAYS = Threshold(
    "referrals.offer_stale_days",
    14,
    unit="days",
    label="An offered meeting without a plan shows on Today after this time",
    lowest=1,
    highest=180,
)

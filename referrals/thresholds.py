"""Numbers of this app that a clinic may change."""

from staff.thresholds import Threshold

FEED_DROP_PERCENT = Threshold(
    "referrals.feed_drop_percent",
    25,
    unit="percent",
    label="Hold an import for a person’s decision when this share of a feed’s meetings, or more, is missing from it",
    lowest=1,
    highest=100,
)
FEED_DROP_DAYS = Threshold(
    "referrals.feed_drop_days",
    30,
    unit="days",
    label="How far back an import is compared with the most meetings that the feed had",
    lowest=1,
    highest=366,
)
FEED_DROP_LEAST = Threshold(
    "referrals.feed_drop_least",
    2,
    unit="meetings",
    label="But import without asking where fewer meetings than this are missing",
    lowest=1,
    highest=1_000,
)
FOLLOWUP_DAYS = Threshold(
    "referrals.followup_days",
    1,
    unit="days",
    label="Days after a planned meeting to ask how it went",
    source="Timko & DeBenedetti 2007, intensive referral: attendance is followed up at the next contact",
    lowest=1,
    highest=14,
)
OFFER_STALE_DAYS = Threshold(
    "referrals.offer_stale_days",
    14,
    unit="days",
    label="Show an offered meeting without a plan on Today after",
    lowest=1,
    highest=180,
)
SILENT_DAYS = Threshold(
    "referrals.silent_days",
    14,
    unit="days",
    label="Show a client who was connected or went, and of whom nothing was recorded since, on Today after",
    source="Timko & DeBenedetti 2007, intensive referral: involvement is reviewed at each contact",
    lowest=1,
    highest=180,
)
SENT_UNANSWERED_DAYS = Threshold(
    "referrals.sent_unanswered_days",
    7,
    unit="days",
    label="Show a referral to a place without an answer on Today after",
    lowest=1,
    highest=180,
)
ACCEPTED_UNSEEN_DAYS = Threshold(
    "referrals.accepted_unseen_days",
    14,
    unit="days",
    label="Show a referral that a place accepted, without an appointment and not seen there, on Today after",
    lowest=1,
    highest=180,
)
SEEN_NO_RESULT_DAYS = Threshold(
    "referrals.seen_no_result_days",
    30,
    unit="days",
    label="Show a referral to a place where the client was seen, without a result, on Today after",
    lowest=1,
    highest=365,
)
PRIVATE_LINK_DAYS = Threshold(
    "referrals.private_link_days",
    7,
    unit="days",
    label="Days that the private page after a planned meeting stays open for the client’s answer",
    lowest=1,
    highest=30,
)

"""Numbers of this app that a clinic may change.

The privacy officer sets them, on a page of their own: whoever is watched doesn't say what is worth a look.
"""

from functools import partial

from staff.access import Permission
from staff.thresholds import Threshold as AnyThreshold

Threshold = partial(AnyThreshold, permission=Permission.ACCESS_LOG_VIEW)

EMERGENCY_MINUTES = Threshold(
    "privacy.emergency_minutes",
    60,
    unit="minutes",
    label="Length of emergency access to a chart",
    source="Product default, at most an hour; 42 CFR 2.51 limits the use to the emergency",
    lowest=10,
    highest=60,
)
EMERGENCY_LOOK_UPS = Threshold(
    "privacy.emergency_look_ups",
    5,
    unit="in an hour",
    label="Uses of the emergency form by one person before it waits",
    source="Product default; an emergency is about one person, and a list of names is not one.",
    lowest=1,
    highest=20,
)
CONSENT_NOTICE_DAYS = Threshold(
    "privacy.consent_notice_days",
    14,
    unit="days",
    label="How long before a consent expires someone is told",
    source="Product default; nothing may be disclosed on an expired consent (42 CFR 2.31).",
    lowest=1,
    highest=60,
)
AGREEMENT_NOTICE_DAYS = Threshold(
    "privacy.agreement_notice_days",
    30,
    unit="days",
    label="How long before an agreement with a service organization expires the privacy officer is told",
    source="Product default; nothing may be disclosed on an expired agreement (42 CFR 2.11, 2.12(c)(4)).",
    lowest=1,
    highest=365,
)
RETENTION_YEARS = Threshold(
    "privacy.retention_years",
    10,
    unit="years",
    label="How long a record is kept after the last entry about the person",
    source="Product default; enter your state’s period. Accountings of disclosures: 6 years (45 CFR 164.528)",
    lowest=6,
    highest=99,
)
MAJORITY_AGE = Threshold(
    "privacy.majority_age",
    18,
    unit="years",
    label="Age of majority: until then a client is a minor, and so is the record",
    source="42 CFR 2.11 leaves it to the state; a few say 19 or 21",
    lowest=18,
    highest=21,
)
MINOR_RETENTION_YEARS = Threshold(
    "privacy.minor_retention_years",
    7,
    unit="years",
    label="How long the record of a minor is kept after majority",
    source="Product default; enter your state’s period",
    lowest=0,
    highest=99,
)
BREACH_NOTICE_DAYS = Threshold(
    "privacy.breach_notice_days",
    60,
    unit="days",
    label="Days from the discovery of a breach within which notices are given",
    source="45 CFR 164.404(b), 164.406(b), 164.408(b): at most 60; some states ask for fewer",
    lowest=1,
    highest=60,
)
AUDIT_SECONDS = Threshold(
    "privacy.audit_seconds",
    20,
    unit="seconds",
    label="How long each minute the nightly check of the logs may work",
    source="Product default; a million entries take about a minute",
    lowest=1,
    highest=50,
)
AUDIT_BY_EMAIL = Threshold(
    "privacy.audit_by_email",
    1,
    unit="emails",
    label="Nightly email to the privacy officers with where the logs end: 1 yes, 0 no",
    source="Product default; kept outside the database, it shows a log that was cut off (45 CFR 164.312(b))",
    lowest=0,
    highest=1,
)
RECORD_COPY_DAYS = Threshold(
    "privacy.record_copy_days",
    30,
    unit="days",
    label="Time to answer a request for a copy of the record",
    source="45 CFR 164.524(b)(2): 30 days; a state’s law may give less",
    lowest=1,
    highest=30,
)
ACCOUNTING_DAYS = Threshold(
    "privacy.accounting_days",
    60,
    unit="days",
    label="Time to answer a request for the accounting of disclosures",
    source="45 CFR 164.528(c)(1): 60 days; a state’s law may give less",
    lowest=1,
    highest=60,
)
OUTSIDE_COPY_DAYS = Threshold(
    "privacy.outside_copy_days",
    30,
    unit="days",
    label="How long after its disclosure a copy of the record may go to someone else",
    source="Product default; a disclosure is of its own time (42 CFR 2.13(a))",
    lowest=1,
    highest=90,
)
RECORDS_DAYS = Threshold(
    "privacy.records_days",
    14,
    unit="days",
    label="Time to answer someone who asks for another person’s record",
    source="Product default; the law sets none for those who get the neutral answer (42 CFR 2.13(c))",
    lowest=1,
    highest=30,
)
REQUEST_NOTICE_DAYS = Threshold(
    "privacy.request_notice_days",
    7,
    unit="days",
    label="How long before it is due a request is on Today, once someone took it",
    source="Product default",
    lowest=1,
    highest=30,
)
_SOURCE = "Product default; review of system activity (45 CFR 164.308(a)(1)(ii)(D))"
UNUSUAL_CHARTS = Threshold(
    "privacy.unusual_charts",
    40,
    unit="charts",
    label="Charts that one person opens in a day before it is unusual",
    source=_SOURCE,
    lowest=5,
    highest=500,
)
UNUSUAL_PAGES = Threshold(
    "privacy.unusual_pages",
    3,
    unit="pages",
    label="Pages of a chart that someone outside its care team opens before it is unusual",
    source=_SOURCE,
    lowest=1,
    highest=100,
)
UNUSUAL_TRIES = Threshold(
    "privacy.unusual_tries",
    3,
    unit="charts",
    label="Charts of others that someone tries in a day before it is unusual",
    source=_SOURCE,
    lowest=1,
    highest=50,
)
UNUSUAL_AGAIN_DAYS = Threshold(
    "privacy.unusual_again_days",
    90,
    unit="days",
    label="How long the same person and client with one last name aren’t reported again",
    source=_SOURCE,
    lowest=0,
    highest=366,
)
NIGHT_BEGINS = Threshold(
    "privacy.night_begins",
    22,
    unit="hours",
    label="Opening charts is unusual from this hour (0–23)",
    source=f"{_SOURCE}; a program that works at night sets the hours in which no one should",
    highest=23,
    differs_from="privacy.night_ends",
)
NIGHT_ENDS = Threshold(
    "privacy.night_ends",
    5,
    unit="hours",
    label="Opening charts is unusual until this hour (0–23)",
    source=_SOURCE,
    highest=23,
    differs_from="privacy.night_begins",
)

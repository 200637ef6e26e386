"""SUD counseling notes, kept separate from the rest of the record (42 CFR 2.11)."""

from .lifecycle import (
    BELONGS,
    STANDS_IN_THE_RECORD,
    Conflict,
    NoConsentForThese,
    NothingToSign,
    NotSignedYet,
    SessionAhead,
    Signed,
    consents_for,
    disclose,
    fingerprint,
    may_hold,
    save_draft,
    sign,
    start,
    still_allowed,
    verify,
)
from .own_copy import WhyShared, share_with_client

__all__ = [
    "BELONGS",
    "STANDS_IN_THE_RECORD",
    "Conflict",
    "NoConsentForThese",
    "NotSignedYet",
    "NothingToSign",
    "SessionAhead",
    "Signed",
    "WhyShared",
    "consents_for",
    "disclose",
    "fingerprint",
    "may_hold",
    "save_draft",
    "share_with_client",
    "sign",
    "start",
    "still_allowed",
    "verify",
]

"""Signing notes: one by one or in a batch, cosigning, addenda, and proof that nothing changed since."""

from .signatures import (
    ChangedSinceRead,
    NoCosignatureNeeded,
    NothingWritten,
    NotSigned,
    NotTheSupervisor,
    NotWhatWasSigned,
    add_addendum,
    cosign,
    is_late,
    session_day,
    sign,
    signature_of,
    verify,
)

__all__ = [
    "ChangedSinceRead",
    "NoCosignatureNeeded",
    "NotSigned",
    "NotTheSupervisor",
    "NotWhatWasSigned",
    "NothingWritten",
    "add_addendum",
    "cosign",
    "is_late",
    "session_day",
    "sign",
    "signature_of",
    "verify",
]

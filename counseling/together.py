"""Signing several notes with one confirmation: each as it was shown, each in a transaction of its own."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models

from counseling import signing
from counseling.models import SessionNote
from staff.models import StaffMember
from staff.refusals import Refusal

MOST = 20  # notes on a page: more than can be read in one go is not read


class Result(models.TextChoices):
    """What happened to one note of several."""

    SIGNED = "signed", "Signed"
    COSIGNED = "cosigned", "Cosigned"
    CHANGED = "changed", "Changed since shown, not signed"
    REFUSED = "refused", "Not signed"


@dataclass(frozen=True)
class Outcome:
    """What happened to one note, with the reason where it was not signed."""

    note: SessionNote
    result: Result
    sentence: str = ""


class TooMany(Refusal):
    sentence = f"At most {MOST} notes can be signed at once. Untick some."


def sign_shown(*, shown: Iterable[tuple[SessionNote, int]], by: StaffMember, signed_with: str = "") -> list[Outcome]:
    """Sign each draft in the version in which it was shown. One that is refused keeps no other from being signed.

    Raises TooMany, before anything is signed; every other refusal is the outcome of its note.
    """
    outcomes = []
    for note, version in _few(shown):
        try:
            signing.sign(note=note, by=by, version=version, signed_with=signed_with)
        except signing.ChangedSinceRead as refusal:
            outcomes.append(Outcome(note, Result.CHANGED, refusal.sentence))
        except Refusal as refusal:
            outcomes.append(Outcome(note, Result.REFUSED, refusal.sentence))
        else:
            outcomes.append(Outcome(note, Result.SIGNED))
    return outcomes


def cosign_shown(*, shown: Iterable[tuple[SessionNote, int]], by: StaffMember, signed_with: str = "") -> list[Outcome]:
    """Cosign each note of the queue. What was signed cannot have changed; another version was never shown.

    Raises TooMany, before anything is signed; every other refusal is the outcome of its note.
    """
    outcomes = []
    for note, version in _few(shown):
        try:
            if version != note.version:
                raise signing.ChangedSinceRead
            signing.cosign(note=note, by=by, signed_with=signed_with)
        except signing.ChangedSinceRead as refusal:
            outcomes.append(Outcome(note, Result.CHANGED, refusal.sentence))
        except Refusal as refusal:
            outcomes.append(Outcome(note, Result.REFUSED, refusal.sentence))
        else:
            outcomes.append(Outcome(note, Result.COSIGNED))
    return outcomes


def lacks(note: SessionNote, *, now: datetime.datetime) -> list[str]:
    """What a draft still lacks before it can be signed among others, in words; nothing if it is complete.

    More than `signing.sign` asks for: a note with a section left out on purpose is signed on its own page, where the
    one who signs it looks at nothing else.
    """
    faults = []
    if note.session_ended_at is None:
        faults.append("the time at which the session ended")
    elif note.session_ended_at > now:
        faults.append("the end of the session, which is not over")
    return faults + [part["label"] for part in note.parts if not part["text"].strip()]


def leaves_out(note: SessionNote) -> list[str]:
    """What a draft says nothing about and need not: named wherever it is signed, and never in the way of signing it."""
    return [] if note.risk_screen else ["what was asked about risk"]


def _few(shown: Iterable[tuple[SessionNote, int]]) -> list[tuple[SessionNote, int]]:
    found = list(shown)
    if len(found) > MOST:
        raise TooMany
    return found

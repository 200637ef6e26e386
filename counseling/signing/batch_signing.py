"""Batch signing: several notes with one confirmation, each as shown and in its own transaction."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models

from counseling.models import SessionNote
from staff.models import StaffMember
from staff.refusals import Refusal

from . import signatures

MOST = 20  # notes on a page: more than can be read in one go is not read


class Result(models.TextChoices):
    """Result for one note in a batch."""

    SIGNED = "signed", "Signed"
    COSIGNED = "cosigned", "Cosigned"
    CHANGED = "changed", "Changed, not signed"
    REFUSED = "refused", "Not signed"


@dataclass(frozen=True)
class Outcome:
    """Result for one note, with the reason if it was not signed."""

    note: SessionNote
    result: Result
    sentence: str = ""


class TooMany(Refusal):
    sentence = f"You can sign up to {MOST} notes at a time. Clear some checkboxes."


def sign_shown(*, shown: Iterable[tuple[SessionNote, int]], by: StaffMember, signed_with: str = "") -> list[Outcome]:
    """Sign each draft in the version that was shown. A refused note does not block the others.

    Raises TooMany before anything is signed; every other refusal is that note's result.
    """
    outcomes = []
    for note, version in _few(shown):
        try:
            signatures.sign(note=note, by=by, version=version, signed_with=signed_with)
        except signatures.ChangedSinceRead as refusal:
            outcomes.append(Outcome(note, Result.CHANGED, refusal.sentence))
        except Refusal as refusal:
            outcomes.append(Outcome(note, Result.REFUSED, refusal.sentence))
        else:
            outcomes.append(Outcome(note, Result.SIGNED))
    return outcomes


def cosign_shown(*, shown: Iterable[tuple[SessionNote, int]], by: StaffMember, signed_with: str = "") -> list[Outcome]:
    """Cosign each note in the queue. Signed text can't have changed, so there is only one version to show.

    Raises TooMany before anything is signed; every other refusal is that note's result.
    """
    outcomes = []
    for note, version in _few(shown):
        try:
            if version != note.version:
                raise signatures.ChangedSinceRead
            signatures.cosign(note=note, by=by, signed_with=signed_with)
        except signatures.ChangedSinceRead as refusal:
            outcomes.append(Outcome(note, Result.CHANGED, refusal.sentence))
        except Refusal as refusal:
            outcomes.append(Outcome(note, Result.REFUSED, refusal.sentence))
        else:
            outcomes.append(Outcome(note, Result.COSIGNED))
    return outcomes


def lacks(note: SessionNote, *, now: datetime.datetime) -> list[str]:
    """What a draft is missing for batch signing; empty if it is complete.

    Stricter than `signing.sign`: a note with a section left blank on purpose is signed on its own page, where the
    signer looks at nothing else.
    """
    faults = []
    if note.session_ended_at is None:
        faults.append("session end time")
    elif note.session_ended_at > now:
        faults.append("session not over yet")
    return faults + [part["label"] for part in note.parts if not part["text"].strip()]


def leaves_out(note: SessionNote) -> list[str]:
    """Optional parts left blank: shown wherever the note is signed, never blocking."""
    return [] if note.risk_screen else ["risk screen"]


def _few(shown: Iterable[tuple[SessionNote, int]]) -> list[tuple[SessionNote, int]]:
    found = list(shown)
    if len(found) > MOST:
        raise TooMany
    return found

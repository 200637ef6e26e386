"""The status of each consent in a list, in plain words."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from privacy.models import Consent, ConsentStatus, Stands
from privacy.models.consent import ConsentQuerySet
from staff.days import day_in_words
from staff.reading import Reading, reads, rows

_TONES = {Stands.IN_FORCE: "good", Stands.DRAFT: "attention", Stands.NOT_YET: "attention"}


@dataclass(frozen=True)
class ConsentLine:
    """A consent with its state on a day. `tone` is the pill's."""

    consent: Consent
    words: str
    tone: str
    since: ConsentStatus | None
    is_draft: bool
    in_force: bool
    may_be_revoked: bool


@reads
def with_standing(consents: ConsentQuerySet, on: datetime.date) -> Reading[list[ConsentLine]]:
    """Each consent with its status; active ones first. Reads prefetched `statuses` for the date."""
    return in_order((yield from rows(consents.standing(on))))


def in_order(consents: Iterable[Consent]) -> list[ConsentLine]:
    """The same for consents that have been read, each with `standing(on)` and its statuses."""
    standings = [_standing(consent) for consent in consents]
    return sorted(standings, key=lambda each: (not each.in_force, not each.is_draft))


def _standing(consent: Consent) -> ConsentLine:
    stands: Stands = Stands(consent.stands)  # type: ignore[attr-defined]  # of ConsentQuerySet.standing, the one rule
    steps = {step.status: step for step in consent.statuses.all()}
    status = {Stands.REVOKED: ConsentStatus.Status.REVOKED, Stands.DRAFT: ConsentStatus.Status.DRAFTED}
    words = str(stands.label)
    if stands == Stands.NOT_YET and consent.signed_on:
        words = f"Not active until {day_in_words(consent.signed_on)}"
    return ConsentLine(
        consent,
        words,
        _TONES.get(stands, "neutral"),
        steps.get(status.get(stands, ConsentStatus.Status.ACTIVE)),
        is_draft=stands == Stands.DRAFT,
        in_force=stands == Stands.IN_FORCE,
        may_be_revoked=stands in (Stands.DRAFT, Stands.IN_FORCE, Stands.NOT_YET),
    )

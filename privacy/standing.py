"""Where each consent of a list stands, in a word that a reader understands at once."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from privacy.models import Consent, ConsentStatus


@dataclass(frozen=True)
class Standing:
    """A consent with its state on a day. `tone` is the pill's."""

    consent: Consent
    words: str
    tone: str
    since: ConsentStatus | None
    is_draft: bool
    in_force: bool


def with_standing(rows: Iterable[Consent], on: datetime.date) -> list[Standing]:
    """Each consent with where it stands; those in force first. Reads prefetched `statuses`."""
    standings = [_standing(consent, on) for consent in rows]
    return sorted(standings, key=lambda each: (not each.in_force, not each.is_draft))


def _standing(consent: Consent, on: datetime.date) -> Standing:
    steps = {step.status: step for step in consent.statuses.all()}
    if revoked := steps.get(ConsentStatus.Status.REVOKED):
        return Standing(consent, "Revoked", "neutral", revoked, is_draft=False, in_force=False)
    active = steps.get(ConsentStatus.Status.ACTIVE)
    if active is None:
        drafted = steps.get(ConsentStatus.Status.DRAFTED)
        return Standing(consent, "Draft, permits nothing", "attention", drafted, is_draft=True, in_force=False)
    if consent.expiry_event_on or (consent.expires_on and consent.expires_on < on):
        return Standing(consent, "Expired", "neutral", active, is_draft=False, in_force=False)
    return Standing(consent, "In force", "good", active, is_draft=False, in_force=True)

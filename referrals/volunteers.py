"""Volunteers of a fellowship: known only by first name or initial, told who a client is only with consent."""

from __future__ import annotations

import datetime
import re
import unicodedata

from django.utils import timezone

from privacy import consents, disclosures, minors
from privacy.models import Consent
from staff.models import StaffMember
from staff.refusals import Refusal

from .models import Referral

# A first name or initials ("J.R."), perhaps with a second name ("Mary Jo"), and at most one initial after it: anonymity
# is the fellowships' own rule.
_LETTER = r"[^\W\d_]"
_REST = rf"(?:{_LETTER}|['’-](?={_LETTER}))"
_INITIALS = rf"{_LETTER}\.?(?: ?{_LETTER}\.){{0,2}}"
_NAME = re.compile(
    rf"(?:{_INITIALS}|{_LETTER}{_REST}{{0,18}})(?: (?P<second>{_LETTER}{_REST}{{1,18}}))?(?: {_LETTER}\.?)?"
)
# Whether a second word is part of a first name or a family name, only who knows the person can tell: “Jo Kelly” is
# either. These are hardly ever family names, so about them nobody is asked.
_SECOND_NAMES = frozenset(
    (
        "jo", "ann", "anne", "lou", "sue", "beth", "mae", "jane", "bob", "joe", "luis", "luisa", "carlos", "antonio",
        "miguel", "maría", "maria", "josé", "jose", "isabel", "elena",
    )
)  # fmt: skip
LONGEST_NAME = 24


class TooMuchNamed(Refusal):
    """A family name, number or address of a volunteer."""

    sentence = (
        "Enter only a first name or initials, such as “Sam”, “Mary Jo”, “Sam B.” or “J.R.” Members are anonymous."
    )


class MaybeLastName(TooMuchNamed):
    """A second word, which may be a family name: who records it is asked."""

    def __init__(self, word: str) -> None:
        super().__init__(
            f"Is “{word}” a last name? We keep none: enter only a first name or initials. If it is part of the first "
            "name, such as “Mary Jo”, say so and save again."
        )


class NoConsentToName(Refusal):
    """The client's name would go to a volunteer without written consent (42 CFR 2.31)."""

    sentence = (
        "No active consent lets you tell this volunteer or fellowship who the client is. Ask the client to "
        "sign one first, or have the client make the call."
    )


def first_name_or_initial(name: str, *, is_first_name: bool = False) -> str:
    """The name of a volunteer or a sponsor as it may be recorded.

    `is_first_name`: who records it has said that its second word is no family name. Raises TooMuchNamed for more than
    two names and an initial, and MaybeLastName for a second name that nobody has vouched for.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    found = _NAME.fullmatch(name)
    if not found or len(name) > LONGEST_NAME:
        raise TooMuchNamed
    second = found["second"]
    if second and second.casefold() not in _SECOND_NAMES and not is_first_name:
        raise MaybeLastName(second)
    return name


def may_be_named(referral: Referral, volunteer: str, on: datetime.date) -> str:
    """The recipient on the client's consent that covers this volunteer or the fellowship; empty if none does."""
    for recipient in (volunteer, referral.get_fellowship_display(), referral.fellowship):
        if recipient and consents.permits(referral.client, Consent.Type.MUTUAL_HELP_VOLUNTEER, recipient, on):
            return recipient
    return ""


def demand_consent(referral: Referral, volunteer: str, *, at: datetime.datetime) -> str:
    """Whom the consent names by which the volunteer may be told who the client is. Raises NoConsentToName."""
    recipient = may_be_named(referral, volunteer, timezone.localdate(at, referral.client.clinic.zone))
    if not recipient:
        raise NoConsentToName
    return recipient


def disclose_name(referral: Referral, volunteer: str, *, by: StaffMember, at: datetime.datetime) -> None:
    """Record that the volunteer was told who the client is, under the consent that allows it.

    Raises NoConsentToName.
    """
    client = referral.client
    on = timezone.localdate(at, client.clinic.zone)
    recipient = demand_consent(referral, volunteer, at=at)
    signed = Consent.objects.filter(client=client, type=Consent.Type.MUTUAL_HELP_VOLUNTEER).in_force(on)
    consent = next(each for each in minors.rightly_signed(client, signed, on) if consents.covers(each, recipient))
    disclosures.record(
        client=client,
        recipient=recipient,
        what="The client’s first name, and that they would like company to a meeting.",
        why="To connect the client with a mutual-help volunteer.",
        by=by,
        consent=consent,
        affiliation=referral.get_fellowship_display(),
        disclosed_at=at,
    )

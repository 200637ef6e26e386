"""Volunteers of a fellowship: known only by first name or initial, told who a client is only with consent."""

from __future__ import annotations

import datetime
import re

from django.utils import timezone

from privacy import consents, disclosures, minors
from privacy.models import Consent
from staff.models import StaffMember
from staff.refusals import Refusal

from .models import Referral

# Only "Sam", "Sam B.", "S.": anonymity is the fellowships' own rule.
_NAME = re.compile(r"^[^\W\d_][^\W\d_'’-]{0,18}\.?(?: [^\W\d_]\.?)?$")


class TooMuchNamed(Refusal):
    """A family name, number or address of a volunteer."""

    sentence = "Enter only the volunteer’s first name or initial, such as “Sam” or “Sam B.” Members are anonymous."


class NoConsentToName(Refusal):
    """The client's name would go to a volunteer without written consent (42 CFR 2.31)."""

    sentence = (
        "No active consent lets you tell this volunteer or fellowship who the client is. Ask the client to "
        "sign one first, or have the client make the call."
    )


def first_name_or_initial(name: str) -> str:
    """The name as it may be recorded. Raises TooMuchNamed for more than a first name and an initial."""
    name = " ".join(name.split())
    if not _NAME.match(name):
        raise TooMuchNamed
    return name


def may_be_named(referral: Referral, volunteer: str, on: datetime.date) -> str:
    """The recipient on the client's consent that covers this volunteer or the fellowship; empty if none does."""
    for recipient in (volunteer, referral.get_fellowship_display(), referral.fellowship):
        if recipient and consents.permits(referral.client, Consent.Type.MUTUAL_HELP_VOLUNTEER, recipient, on):
            return recipient
    return ""


def disclose_name(referral: Referral, volunteer: str, *, by: StaffMember, at: datetime.datetime) -> None:
    """Record that the volunteer was told who the client is, under the consent that allows it.

    Raises NoConsentToName.
    """
    client = referral.client
    on = timezone.localdate(at, client.clinic.zone)
    recipient = may_be_named(referral, volunteer, on)
    if not recipient:
        raise NoConsentToName
    signed = Consent.objects.filter(client=client, type=Consent.Type.MUTUAL_HELP_VOLUNTEER).in_force(on)
    consent = next(each for each in minors.rightly_signed(client, signed, on) if consents.covers(each, recipient))
    disclosures.record(
        client=client,
        recipient=recipient,
        what="The client’s first name, and that they want someone to go to a meeting with.",
        why="To connect the client with a mutual-help volunteer.",
        by=by,
        consent=consent,
        affiliation=referral.get_fellowship_display(),
        disclosed_at=at,
    )

"""Naming the client to a place outside: only under a consent that covers who hears it, what for and how much.

That a place learns somebody is a client here is a disclosure (42 CFR 2.12, 2.31). The check and the record of it are
the privacy app's own act; this module only finds the consent that the act is asked with.
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from cases.models import Client
from privacy import consents, disclosures, minors
from privacy.models import Consent, Disclosure
from referrals.models import ServiceKind, ServiceReferral
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.typed_days import wall_clock_or_next

As = Disclosure.RecipientAs
# Who treats is covered by a consent for treatment; a landlord or a lawyer needs one that names them.
_TREATS = frozenset({ServiceKind.MEDICAL, ServiceKind.NALOXONE})
_TYPES = (Consent.Type.DISCLOSURE, Consent.Type.TPO, Consent.Type.LEGAL)
_NOON = datetime.time(12)


class NoConsentToName(Refusal):
    """The client would be named to a place without written consent (42 CFR 2.31)."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"No active consent lets you tell {where} who the client is. Ask the client to sign one that names it, or "
            "let the client go there or call themselves."
        )


def allowing(client: Client, on: datetime.date) -> list[Consent]:
    """The client's consents that may allow naming them to a place that day, the newest first."""
    signed = Consent.objects.filter(client=client, type__in=_TYPES).in_force(on)
    return minors.rightly_signed(client, signed, on)


def what_is_told(kind: str) -> str:
    """The least that a referral tells, to start from."""
    return f"Name, phone number, and that they ask for {_wanted(kind)}"


def what_for(kind: str) -> str:
    """The purpose, to start from."""
    return "Referral for treatment" if kind == ServiceKind.MEDICAL else f"Referral for {_wanted(kind)}"


def is_proposed(what: str, why: str) -> bool:
    """Whether a form's words on what is told are nobody's own: empty, or as one was opened, for whatever kind."""
    kinds = ServiceKind.values
    return what.strip() in {"", *map(what_is_told, kinds)} and why.strip() in {"", *map(what_for, kinds)}


def disclose(
    referral: ServiceReferral,
    *,
    spoke_with: str,
    what: str,
    why: str,
    on: datetime.date,
    by: StaffMember,
    at: datetime.datetime,
) -> Disclosure:
    """Record that the place was told who the client is, under the first consent that covers it.

    Raises NoConsentToName if none names the place or whom we spoke with, and otherwise what the last of those consents
    lacks: fitting.NotItsPurpose, fitting.MoreThanAgreed, minors.BothMustSign and the like (`disclosures.record`).
    """
    client, where = referral.client, referral.where
    told_as = As.TREATING if referral.kind in _TREATS else ""
    people = [spoke_with, referral.place.contact_person if referral.place else ""]
    refused: Refusal | None = None
    for consent in allowing(client, on):
        for recipient in (where, *filter(None, people)):
            if not consents.covers(consent, recipient, told_as):
                continue
            try:
                with transaction.atomic():
                    return disclosures.record(
                        client=client,
                        recipient=recipient,
                        recipient_as=told_as if consent.type == Consent.Type.TPO else "",
                        what=what,
                        why=why,
                        by=by,
                        consent=consent,
                        affiliation="" if recipient == where else where,
                        address=referral.place.address if referral.place else "",
                        disclosed_at=_moment(client, on, at),
                    )
            except Refusal as refusal:
                refused = refusal
    raise refused or NoConsentToName(where)


def _wanted(kind: str) -> str:
    # “Medical care” would say more than it means: privacy/fitting.py reads medication in it.
    words = {ServiceKind.MEDICAL: "a doctor", ServiceKind.OTHER: "help", ServiceKind.NALOXONE: "naloxone"}
    return words.get(ServiceKind(kind)) or str(ServiceKind(kind).label).lower()


def _moment(client: Client, on: datetime.date, at: datetime.datetime) -> datetime.datetime:
    """Now, or noon of an earlier day, of which nobody wrote down the time."""
    zone = client.clinic.zone
    return at if on >= timezone.localdate(at, zone) else wall_clock_or_next(on, _NOON, zone)

"""Whether a recorded disclosure lets a copy of the record, or the accounting of disclosures, go to somebody else.

Each of them is everything the clinic holds, so a disclosure of a part allows neither (42 CFR 2.13(a)). What allowed the
disclosure must still be so on the day of the copy: the consent (42 CFR 2.31(a)(6), (c)), signed by whom it takes
(2.14), or the agreement (2.12(c)(4)). What is told in a medical emergency ends with it (2.51), and a consent for SUD
counseling notes is for those alone (2.31(b)).
"""

from __future__ import annotations

import datetime
import re

from django.utils import timezone

from cases.models import Client
from privacy import minors, service_agreements
from privacy.models import Consent, Disclosure, RecordGiven
from privacy.thresholds import OUTSIDE_COPY_DAYS
from staff.refusals import Refusal

Basis, What = Disclosure.Basis, RecordGiven.What

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_WHOLE = {"all", "entire", "complete", "whole", "full"}
_RECORD = {"record", "records", "chart", "file", "information"}
_LIST, _OF = {"accounting", "list"}, {"disclosure", "disclosures"}
# Words that leave nothing out. Any other may be a limit (“the whole record of attendance”), so it isn't all.
_NO_LIMIT = {
    "a", "an", "the", "of", "in", "on", "to", "for", "as", "and", "this", "that", "my", "their", "his", "her", "our",
    "its", "it", "client", "client's", "patient", "patient's", "person", "person's", "copy", "printed", "paper", "pdf",
}  # fmt: skip
_KIND_OF_RECORD = {"medical", "clinical", "treatment", "health", "sud"}


class DisclosureFirst(Refusal):
    """It goes to somebody else, and nothing on record allows that."""

    sentence = "Record the disclosure to this recipient first, with the client’s consent. Then choose it here."


class TooLongAgo(Refusal):
    """The disclosure is of another time."""

    def __init__(self, days: int) -> None:
        super().__init__(
            f"This disclosure was made more than {days} days ago. Record the disclosure of today, if it is still "
            "allowed, then choose it here."
        )


class AlreadyGiven(Refusal):
    """What the disclosure allowed has been handed out."""

    sentence = "This has been given by this disclosure already. Record another disclosure for another copy."


class NoLongerAllowed(Refusal):
    """The consent ended after the disclosure."""

    sentence = (
        "The consent of this disclosure is no longer active. Nothing more may go on it (42 CFR 2.31). Ask the client "
        "for another one."
    )


class ForNotesAlone(Refusal):
    """A consent for SUD counseling notes can't be combined with another one."""

    sentence = (
        "This disclosure rests on a consent for SUD counseling notes, which allows those notes alone (42 CFR 2.31(b)). "
        "Their author discloses each on its own page."
    )


class OnlyForTheEmergency(Refusal):
    """Medical personnel are told what the emergency takes."""

    sentence = (
        "In a medical emergency, medical personnel are told what it takes and no more (42 CFR 2.51). For a copy, "
        "record a disclosure with the client’s consent."
    )


class NotAllOfIt(Refusal):
    """The disclosure is of a part, or may be."""

    def __init__(self, what: RecordGiven.What, said: str) -> None:
        said = said.strip().removesuffix(".")
        if what == What.RECORD:
            todo = (
                "A copy is of everything. Record a disclosure of “the whole record” and choose it here, or give out "
                "only that part, on paper."
            )
        else:
            todo = (
                "The list is of every disclosure. Record a disclosure of “the accounting of disclosures” and choose it "
                "here."
            )
        super().__init__(f"This disclosure was of “{said}.” {todo}")


def check(disclosure: Disclosure | None, *, client: Client, what: str) -> Disclosure:
    """The disclosure, if it lets this go to its recipient today; `check_unused` asks whether it has.

    Raises DisclosureFirst for none or another client's, TooLongAgo, NotAllOfIt if its “what” isn't plainly all of it,
    and, by what allowed it, NoLongerAllowed, ForNotesAlone, minors.SignedByAnother and minors.BothMustSign;
    OnlyForTheEmergency; or as `service_agreements.check`.
    """
    if disclosure is None or disclosure.client_id != client.pk:
        raise DisclosureFirst
    days, now = OUTSIDE_COPY_DAYS.for_clinic(client.clinic), timezone.now()
    if disclosure.disclosed_at < now - datetime.timedelta(days=days):
        raise TooLongAgo(days)
    today = timezone.localdate(now, client.clinic.zone)
    if disclosure.basis == Basis.EMERGENCY:
        raise OnlyForTheEmergency
    if disclosure.basis == Basis.CONSENT:
        _check_consent(disclosure, today)
    if disclosure.basis == Basis.QSO:
        service_agreements.check(disclosure.agreement, clinic=client.clinic, recipient=disclosure.recipient, day=today)
    is_all = is_whole_record if what == What.RECORD else is_accounting
    if not is_all(disclosure.what):
        raise NotAllOfIt(What(what), disclosure.what)
    return disclosure


def check_unused(disclosure: Disclosure, *, what: str) -> None:
    """Raise AlreadyGiven if this was given by this disclosure before. Locks its row for the rest of the act."""
    Disclosure.objects.select_for_update(of=("self",), no_key=True).get(pk=disclosure.pk)
    if RecordGiven.objects.filter(disclosure=disclosure, what=what).exists():
        raise AlreadyGiven


def is_whole_record(said: str) -> bool:
    """Whether the words plainly mean all of a record: “the whole record”, “everything in her chart”.

    Stricter than `fitting`: one word that could be a limit, and they don't.
    """
    found = _words(said)
    names_all = "everything" in found or bool(found & _WHOLE and found & _RECORD)
    return names_all and not found - {"everything"} - _WHOLE - _RECORD - _NO_LIMIT - _KIND_OF_RECORD


def is_accounting(said: str) -> bool:
    """Whether the words plainly mean the accounting of all disclosures, or all of a record."""
    found = _words(said)
    names_it = bool(found & _LIST and found & _OF)
    return is_whole_record(said) or (names_it and not found - _LIST - _OF - _WHOLE - _NO_LIMIT)


def _words(said: str) -> set[str]:
    return {each.replace("’", "'") for each in _WORD.findall(said.casefold())}


def _check_consent(disclosure: Disclosure, today: datetime.date) -> None:
    rows = Consent.objects.filter(disclosures=disclosure, client=disclosure.client_id)
    consent = rows.in_force(today).select_related("client__clinic").first()
    if consent is None:
        raise NoLongerAllowed
    if consent.type == Consent.Type.SUD_NOTES:
        raise ForNotesAlone
    minors.check_signature(consent, today)
    minors.check_both_signed(consent, disclosure.recipient, today)

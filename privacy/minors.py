"""What a parent, or anyone else who asks, may be told about a client: nothing without the client's signed consent.

42 CFR 2.14(b): if a minor may consent to treatment alone, only the minor may consent to a disclosure, even to the
parents. 2.14(c): if state law requires the parents' consent to treatment, a disclosure needs the minor's signature and
the parents'. 2.13(c): no one who asks is told whether a person is or was here. The age is state law, so it is data.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypedDict

from django.db import transaction
from django.utils import timezone

from cases.models import Client
from privacy import tpo
from privacy.models import AskedAbout, Consent, MinorConsentAge
from privacy.models.asked import MAY_TELL
from privacy.named import named_on
from privacy.thresholds import ACCOUNTING_DAYS, MAJORITY_AGE, RECORD_COPY_DAYS, RECORDS_DAYS
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal
from staff.typed_days import PLANS, check_days

# A resubmitted page, by a second press or a reload, comes within this time; later, someone asked again.
SENT_AGAIN = datetime.timedelta(seconds=10)

# How long an answer may take, from the day a request was received.
CLOCKS = {
    AskedAbout.Kind.RECORD_COPY: RECORD_COPY_DAYS,
    AskedAbout.Kind.ACCOUNTING: ACCOUNTING_DAYS,
    AskedAbout.Kind.RECORDS: RECORDS_DAYS,
}


# The same for everyone who asks about anyone: it reveals nothing about the person or what this clinic treats.
NEUTRAL = (
    "We cannot tell anyone whether a person has been in contact with us. Everyone who asks gets this "
    "answer, no matter whom they ask about. If someone is in danger now, call 911. To talk to someone, "
    "call or text 988."
)


# What follows it, by what they want: how anyone may go on, said to everyone alike. It names no client and no field.
IN_WRITING = (
    " Anyone may ask us in writing for what we hold about themselves, with proof of who they are. Our privacy officer "
    "answers everyone in writing, whether we hold anything or not."
)
WITH_PAPERS = (
    " Give papers from a court or a lawyer to our privacy officer, who answers in writing. We accept them about "
    "anyone, and that we accept them says nothing about the person named."
)

# What the page of a sheet says before a minor's sheet is printed.
ONLY_TO_THEM = (
    "A minor: give this to the client only. Before you share it with anyone else, including a parent, "
    "check what may be shared (42 CFR 2.14)."
)


class SignedByAnother(Refusal):
    """Someone else signed a consent that only the minor can give."""

    sentence = (
        "This person may consent alone, so only their own signature allows a disclosure, even to a parent "
        "(42 CFR 2.14)."
    )


class BothMustSign(Refusal):
    """A minor below the age to consent alone: one signature does not do."""

    sentence = (
        "This person can’t consent alone: both they and a guardian must sign a form that names this "
        "recipient (42 CFR 2.14)."
    )


class AboutWhom(Refusal):
    """Nothing was written down."""

    sentence = "Enter the name they asked about."


class DateNamed(Refusal):
    """A subpoena or an order without the date that it names."""

    sentence = "Enter the date by which it asks for an answer. It is due that day, not later."


class NotReceivedYet(Refusal):
    """A request of a day to come."""

    sentence = "Enter the day it was received: today or earlier."


@dataclass(frozen=True)
class Answer:
    """Whether a consent allows an answer; `words` to say to the person who asks, `why` for the chart alone."""

    may_tell: bool
    words: str
    why: str
    consent: Consent | None = None


_KNOWN = "known_age_to_consent"  # kept on the object, and forgotten with it


def age_to_consent(client: Client) -> int:
    """The age at which this client's state lets a person consent to treatment alone; else the clinic's default."""
    known: int | None = client.__dict__.get(_KNOWN)
    return _ages([client])[0] if known is None else known


def know_ages(clients: Collection[Client]) -> None:
    """Read `age_to_consent` of all of them in one query, for these objects."""
    for client, age in zip(clients, _ages(clients), strict=True):
        client.__dict__[_KNOWN] = age


def _ages(clients: Collection[Client]) -> list[int]:
    """The age of each, in their order."""
    clinics, states = {each.clinic_id for each in clients}, {each.state.upper() for each in clients if each.state}
    rows = MinorConsentAge.objects.filter(clinic__in=clinics, state__in=states)
    of_state = {(clinic, state): age for clinic, state, age in rows.values_list("clinic", "state", "age")}
    return [of_state.get((each.clinic_id, each.state.upper()), each.clinic.minor_consent_age) for each in clients]


def is_minor(client: Client, on: datetime.date) -> bool:
    """Whether the person is under the state's age of majority on a local day (42 CFR 2.11).

    Without a birth date: no, and the stricter answer holds anyway.
    """
    years = _years(client, on)
    return years is not None and not _is_of_age(client, years)


def _is_of_age(client: Client, years: int) -> bool:
    """By the state's age of majority, which no one needs to look up below or above what states set."""
    if years < MAJORITY_AGE.lowest or years >= MAJORITY_AGE.highest:
        return years >= MAJORITY_AGE.highest
    return years >= MAJORITY_AGE.for_clinic(client.clinic)


def consents_alone(client: Client, on: datetime.date) -> bool:
    """Whether only the person's own signature counts: an adult, a minor of the state's age, an unknown birth date."""
    years = _years(client, on)
    return years is None or years >= age_to_consent(client) or _is_of_age(client, years)


def may_learn(*, client: Client, asked_by: str, on: datetime.date) -> Answer:
    """What may be told about a client on a local day to someone who asks. Anything unclear is a no.

    `asked_by` is the name as on a consent. A minor below the state's age needs two forms on file that name the
    recipient: their own and a guardian's.
    """
    rows = Consent.objects.filter(client=client, type=Consent.Type.DISCLOSURE).in_force(on)
    naming = [each for each in rows if named_on(each, asked_by)]
    own = next((each for each in naming if not each.signed_as.strip()), None)
    if own is None:
        guardian = " A guardian’s signature alone isn’t enough." if naming else ""
        return Answer(False, NEUTRAL, f"No consent signed by the client names this person.{guardian}")
    if not consents_alone(client, on) and all(not each.signed_as.strip() for each in naming):
        return Answer(False, NEUTRAL, "The client can’t consent alone: a guardian’s consent is also needed.")
    return Answer(True, "", f"The client’s consent allows: {own.description}", own)


def check_signature(consent: Consent, on: datetime.date) -> None:
    """Refuse a form signed for a minor by someone else once the minor consents alone. Raises SignedByAnother."""
    if not rightly_signed(consent.client, [consent], on):
        raise SignedByAnother


def check_signed_as(client: Client, signed_as: str, on: datetime.date) -> None:
    """The same for a form that is not on file yet and signed on that day. Raises SignedByAnother."""
    check_signature(Consent(client=client, signed_as=signed_as, signed_on=on), on)


def rightly_signed(client: Client, consents: Iterable[Consent], on: datetime.date) -> list[Consent]:
    """The client's forms whose signature counts on a local day; at most one query.

    A parent's or guardian's signature for a minor stops counting on the day the minor begins to consent alone, and does
    not count again once the client is of age (42 CFR 2.14(b)). A personal representative's signature for an adult
    counts (2.15).
    """
    rows = list(consents)
    for_a_minor = {
        id(each)
        for each in rows
        if each.signed_as.strip() and any(is_minor(client, day) for day in (on, each.signed_on or on))
    }
    if not for_a_minor or not consents_alone(client, on):
        return rows
    return [each for each in rows if id(each) not in for_a_minor]


def check_both_signed(consent: Consent, recipient: str, on: datetime.date, recipient_as: str = "") -> None:
    """Below the state's age: refuse unless the minor's own form and a guardian's of this kind name the recipient.

    Forms for treatment, payment and operations may cover them in general, selected as `recipient_as` (`tpo.check`). 42
    CFR 2.14(c). Raises BothMustSign.
    """
    client = consent.client
    if not is_minor(client, on) or consents_alone(client, on):
        return
    rows = Consent.objects.filter(client=client, type=consent.type).in_force(on)
    if consent.type == Consent.Type.TPO:
        known = tpo.known_as_somebody_else(client)
        naming = [each for each in rows if tpo.covers(each, recipient, recipient_as, known)]
    else:
        naming = [each for each in rows if named_on(each, recipient)]
    if len({bool(each.signed_as.strip()) for each in naming}) < 2:
        raise BothMustSign


def hand_over(client: Client) -> str:
    """What to consider before giving a client's sheet to someone; empty for an adult."""
    return ONLY_TO_THEM if is_minor(client, client.today) else ""


class _Asked(TypedDict):
    clinic: Clinic
    about: str
    client_id: int | None
    asked_by: str
    relation: AskedAbout.Relation
    way: AskedAbout.Way
    address: str
    answer: str
    kind: AskedAbout.Kind
    received_on: datetime.date
    answer_by: datetime.date | None
    by: StaffMember


def words_for(kind: str) -> str:
    """What to say at once to someone who wants this: the same about everyone, client or not (42 CFR 2.13(c))."""
    if kind in (AskedAbout.Kind.RECORD_COPY, AskedAbout.Kind.ACCOUNTING):
        return NEUTRAL + IN_WRITING
    if kind in (AskedAbout.Kind.SUBPOENA, AskedAbout.Kind.COURT_ORDER):
        return NEUTRAL + WITH_PAPERS
    return NEUTRAL


def record_asked(
    *,
    about: str,
    relation: str,
    way: str,
    by: StaffMember,
    client: Client | None = None,
    asked_by: str = "",
    address: str = "",
    answer: Answer | None = None,
    kind: str = AskedAbout.Kind.QUESTION,
    received_on: datetime.date | None = None,
    answer_by: datetime.date | None = None,
) -> AskedAbout:
    """Record what was asked: who, about whom, how, what they want, and the answer given, or what they may be told.

    `answer` comes from `may_learn`, from the client's chart; without it they were told nothing. Whatever is more than a
    question waits in the privacy officer's queue, due by the clock of the law for its kind (`CLOCKS`), a subpoena
    or an order by the date that it names, `answer_by`.

    Pass `client` only from that client's chart; no one is looked up by name. The same request sent again within seconds
    returns the first one. Raises NotPermitted, AboutWhom, DateNamed, NotReceivedYet.
    """
    demand(by, Permission.ASKED_RECORD)
    if client is not None:
        demand(by, Permission.CLIENT_VIEW, client)
    name = " ".join(about.split())
    if not name:
        raise AboutWhom
    wanted, today = AskedAbout.Kind(kind), timezone.localdate(timezone=by.clinic.zone)
    received_on = received_on or today
    if received_on > today:
        raise NotReceivedYet
    check_days(received_on, answer_by, ahead=PLANS, today=today)
    given: _Asked = {
        "clinic": by.clinic,
        "about": name[:120],
        "client_id": client.pk if client else None,
        "asked_by": " ".join(asked_by.split())[:120],
        "relation": AskedAbout.Relation(relation),
        "way": AskedAbout.Way(way),
        "address": address.strip()[:300],
        "answer": _kept(answer) if wanted == AskedAbout.Kind.QUESTION else words_for(wanted),
        "kind": wanted,
        "received_on": received_on,
        "answer_by": _due(wanted, received_on, answer_by, by.clinic),
        "by": by,
    }
    with transaction.atomic():
        StaffMember.objects.select_for_update(no_key=True).get(pk=by.pk)  # the same form twice: one after the other
        now = timezone.now()
        if sent_before := AskedAbout.objects.filter(**given, asked_at__gt=now - SENT_AGAIN).first():
            return sent_before
        with act("privacy.asked_about", by=by, client=client) as entry:
            asked = AskedAbout.objects.create(**given, asked_at=now)
            entry.about(asked, kind=kind, relation=relation, way=way, may_tell=asked.may_tell)
    return asked


def _due(
    kind: AskedAbout.Kind, received_on: datetime.date, named: datetime.date | None, clinic: Clinic
) -> datetime.date | None:
    """The day by which a request is answered: the law's, or the one that a subpoena or an order names."""
    if kind == AskedAbout.Kind.QUESTION:
        return None
    if kind in (AskedAbout.Kind.SUBPOENA, AskedAbout.Kind.COURT_ORDER):
        if named is None:
            raise DateNamed
        return named
    return received_on + datetime.timedelta(days=CLOCKS[kind].for_clinic(clinic))


def _kept(answer: Answer | None) -> str:
    if answer is None or not answer.may_tell or answer.consent is None:
        return NEUTRAL
    return f"{MAY_TELL} (consent No. {answer.consent.pk}): {answer.consent.description}"


def _years(client: Client, on: datetime.date) -> int | None:
    """Full years on a day. Where only the year of birth is known, the fewest that it can be: the stricter answer."""
    ages = client.ages_on(min(on, client.today))  # age counts by today's date where they live
    return None if ages is None else ages[0]

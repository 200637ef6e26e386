"""Register a client; change demographics and contact information."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TypedDict, Unpack

from django.utils import timezone

from cases.models import Client, ContactPoint
from staff.access import Permission, demand
from staff.acts import act
from staff.models import AuditEntry, Clinic, StaffMember
from staff.refusals import NotPermitted, Refusal

from . import births, care_team, finding, matching, names, phones


class PersonalFacts(TypedDict, total=False):
    """Personal facts as `register` and `change` take them."""

    given_name: str
    family_name: str
    former_family_name: str
    preferred_name: str
    pronouns: str
    birth_date: datetime.date | None
    birth_year: int | None
    sex: str
    ssn_last4: str
    language: str
    time_zone: str
    street: str
    city: str
    state: str
    postal_code: str
    work_postal_code: str
    must_not_reveal: str
    named_by_others: bool


class ContactFacts(TypedDict, total=False):
    """What is safe to leave at a number or address, and whose it is."""

    label: str
    voicemail_ok: bool
    messages_ok: bool
    safe_words: str


PERSONAL_FACTS = frozenset(PersonalFacts.__annotations__)
CONTACT_FACTS = frozenset(ContactFacts.__annotations__)

# A form sent twice, or sent again after the Back button, comes within this time; later it is someone to look at.
SENT_AGAIN = datetime.timedelta(minutes=10)


class NamesNeeded(Refusal):
    """A record needs a name. If someone has only one name, it is the whole name."""

    sentence = "Enter a first or last name. If neither is known, enter what the person goes by."


class LookFirst(Refusal):
    """Someone similar is on record: `matches` says who, and why."""

    sentence = "A very similar client is already on record. Check whether it is the same person."

    def __init__(self, matches: list[finding.Match]) -> None:
        super().__init__(self.sentence)
        self.matches = matches


class NotReachable(Refusal):
    """Not a valid phone number or email address."""


class AlreadyThere(Refusal):
    """The client already has this phone number or email address."""

    sentence = "This phone or email is already on record."


def register(
    *,
    by: StaffMember,
    clinic: Clinic | None = None,
    phone: str = "",
    email: str = "",
    voicemail_ok: bool = False,
    messages_ok: bool = False,
    safe_words: str = "",
    has_looked: bool = True,
    **facts: Unpack[PersonalFacts],
) -> Client:
    """Open a record for someone new, with how to reach them. A counselor who registers someone joins the care team.

    `facts` are fields of Client. Unless `by` `has_looked` at similar people, LookFirst is raised if there are any; but
    the same facts sent again return the record from the first submission. Of two simultaneous requests, the second
    waits for the first (a lock on the clinic's row) and then sees its result. Raises NotPermitted, NamesNeeded,
    NotReachable, LookFirst, YearDiffers, DayNotPossible, and TypeError for an unknown fact.
    """
    demand(by, Permission.CLIENT_EDIT)
    if clinic is not None and clinic.pk != by.clinic_id:
        raise NotPermitted
    _only(facts, PERSONAL_FACTS)
    if not (facts.get("given_name", "").strip() or facts.get("family_name", "").strip()):
        raise NamesNeeded
    given = births.settled(dict(facts), today=timezone.localdate(timezone=by.clinic.zone))
    with act("cases.register", by=by) as entry:
        Clinic.objects.select_for_update(no_key=True).get(pk=by.clinic_id)
        if not has_looked:
            matches = much_like(by=by, phone=phone, **given)
            if again := next((each.client for each in matches if _is_sent_again(each.client, phone, given, by)), None):
                entry.about(again, sent_again=True)
                return again
            if matches:
                raise LookFirst(matches)
        client = Client.objects.create(clinic=by.clinic, **given)
        entry.about(client)
        care_team.join(client=client, by=by)
        for kind, value in (("phone", phone), ("email", email)):
            if value.strip():
                _add_contact(
                    client=client,
                    kind=kind,
                    value=value,
                    voicemail_ok=voicemail_ok,
                    messages_ok=messages_ok,
                    safe_words=safe_words,
                    is_preferred=True,
                    by=by,
                )
    return client


def much_like(*, by: StaffMember, phone: str = "", **facts: Unpack[PersonalFacts]) -> list[finding.Match]:
    """People on record, visible to `by`, who are likely the one described: to be looked at before anyone is new."""
    found = finding.likely(
        staff_member=by,
        phone=phone,
        given_name=facts.get("given_name") or "",
        family_name=facts.get("family_name") or "",
        birth_date=facts.get("birth_date"),
        birth_year=facts.get("birth_year"),
        ssn_last4=facts.get("ssn_last4") or "",
    )
    return [match for match in found if match.score >= finding.VERY_LIKELY or _may_well_be(match)]


def _may_well_be(match: finding.Match) -> bool:
    """Likely, and not of another birth date: a brother at the same number is another person."""
    differs = matching.ANOTHER_BIRTH_DATE[1] in match.reasons
    return match.score >= finding.LIKELY and not differs and not match.by_number_only


def _is_sent_again(client: Client, phone: str, facts: Mapping[str, object], by: StaffMember) -> bool:
    """Whether `by` made a record of the same facts just now. A name alone does not say so: two people may share it."""
    said_more = facts.get("birth_date") or facts.get("birth_year") or phone.strip()
    if not said_more or timezone.now() - client.created_at > SENT_AGAIN:
        return False
    if not AuditEntry.objects.filter(act="cases.register", staff_member=by, subject_id=client.pk).exists():
        return False
    reached = {point.normalized for point in client.contact_points.current()}
    return all(getattr(client, name) == value for name, value in facts.items()) and (
        not phone.strip() or phones.e164(phone) in reached
    )


def change(*, client: Client, by: StaffMember, **facts: Unpack[PersonalFacts]) -> Client:
    """Change the client's personal facts. A former last name is kept, so the client can still be found by it."""
    demand(by, Permission.CLIENT_EDIT, client)
    _only(facts, PERSONAL_FACTS)
    with act("cases.change_client", by=by, client=client) as entry:
        client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        given = births.settled(dict(facts), today=client.today, stands=client)
        married_name = given.get("family_name", client.family_name)
        if (
            client.family_name
            and not names.same(married_name, client.family_name)
            and not given.get("former_family_name")
        ):
            given["former_family_name"] = client.family_name
        changed = [name for name, value in given.items() if getattr(client, name) != value]
        for name in changed:
            setattr(client, name, given[name])
        if not (client.given_name.strip() or client.family_name.strip()):
            raise NamesNeeded
        client.save(update_fields=changed)
        entry.about(client, changed=changed)
    return client


def add_contact(
    *, client: Client, kind: str, value: str, by: StaffMember, is_preferred: bool = False, **facts: Unpack[ContactFacts]
) -> ContactPoint:
    """Add a way to reach the client. The first of its kind is the preferred one.

    `facts`: label, voicemail_ok, messages_ok, safe_words. Raises NotReachable, AlreadyThere.
    """
    demand(by, Permission.CLIENT_EDIT, client)
    return _add_contact(client=client, kind=kind, value=value, by=by, is_preferred=is_preferred, **facts)


def _add_contact(
    *, client: Client, kind: str, value: str, by: StaffMember, is_preferred: bool, **facts: Unpack[ContactFacts]
) -> ContactPoint:
    """The same, for callers that have already checked the permission."""
    normalized = normalize(kind, value)
    with act("cases.add_contact", by=by, client=client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        current = ContactPoint.objects.filter(client=client, ended_at=None, kind=kind)
        if current.filter(normalized=normalized).exists():
            raise AlreadyThere
        is_preferred = is_preferred or not current.filter(is_preferred=True).exists()
        if is_preferred:
            for other in current.filter(is_preferred=True):
                other.is_preferred = False
                other.save(update_fields=["is_preferred"])
        point = ContactPoint.objects.create(
            client=client, kind=kind, value=value.strip(), normalized=normalized, is_preferred=is_preferred, **facts
        )
        entry.about(point, kind=kind)
    return point


def change_contact(
    *, point: ContactPoint, by: StaffMember, is_preferred: bool = False, **facts: Unpack[ContactFacts]
) -> ContactPoint:
    """Change what is safe to leave there, whose it is, or mark it preferred. A new number is a new row."""
    demand(by, Permission.CLIENT_EDIT, point.client)
    _only(facts, CONTACT_FACTS)
    with act("cases.change_contact", by=by, client=point.client) as entry:
        Client.objects.select_for_update(no_key=True).get(pk=point.client_id)
        point = ContactPoint.objects.select_for_update(no_key=True).get(pk=point.pk)
        if is_preferred and not point.is_preferred:
            siblings = ContactPoint.objects.filter(client=point.client_id, kind=point.kind, ended_at=None)
            for other in siblings.filter(is_preferred=True):
                other.is_preferred = False
                other.save(update_fields=["is_preferred"])
            point.is_preferred = True
        for name, value in facts.items():
            setattr(point, name, value)
        point.save()
        entry.about(point, changed=sorted(facts))
    return point


def end_contact(*, point: ContactPoint, by: StaffMember) -> ContactPoint:
    """Record that this no longer reaches the client. The row stays: it still finds them, and nothing is sent to it."""
    demand(by, Permission.CLIENT_EDIT, point.client)
    with act("cases.end_contact", by=by, client=point.client) as entry:
        point = ContactPoint.objects.select_for_update(no_key=True).get(pk=point.pk)
        if point.ended_at is None:
            point.ended_at = timezone.now()
            point.is_preferred = False
            point.save(update_fields=["ended_at", "is_preferred"])
        entry.about(point)
    return point


def normalize(kind: str, value: str) -> str:
    """A phone number or email address in its normalized form. Raises NotReachable."""
    if kind == ContactPoint.Kind.EMAIL:
        if "@" not in value.strip("@ "):
            raise NotReachable(f"“{value}” is not an email address. Check it and try again.")
        return value.strip().lower()
    number = phones.e164(value)
    if not number:
        raise NotReachable(f"“{value}” is not a phone number. Enter 10 digits, or + and the country code.")
    return number


def _only(facts: Mapping[str, object], known: frozenset[str]) -> None:
    if unknown := facts.keys() - known:
        raise TypeError(f"Unknown: {', '.join(sorted(unknown))}")

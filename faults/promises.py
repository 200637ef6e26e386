"""What is promised before something breaks: reminders to people who consented, to staff, and some that must not go."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from cases.models import CareTeamMember, Client, ContactPoint
from faults.provider import EMAIL, TEXT
from privacy import consents
from privacy.models import Consent, ConsentStatus
from reminders import contacts, outbox
from reminders.models import ContactOrder, Kind, Reminder
from staff.models import Clinic, Role, StaffMember

SIGNED = datetime.date(2026, 1, 5)
CONTEXT = {"at": "2026-03-03T21:00:00+00:00", "number": "(518) 555-0100"}  # 4 PM in New York
MANY = 500  # more are written in bulk
_numbers, _people = itertools.count(1), itertools.count(1)


@dataclass
class Promised:
    """Reminders of one row of the table; `not_to_go` of them are to be held, each for a reason.

    `to`: the client's, by address or number. Nobody is promised two, so what arrives says whose it is without a key.
    """

    ids: list[int] = field(default_factory=list)
    to: dict[str, int] = field(default_factory=dict)
    not_to_go: int = 0


@dataclass(frozen=True)
class House:
    """The clinic that promises."""

    clinic: Clinic
    counselor: StaffMember


def make_house() -> House:
    """A clinic in New York with one counselor."""
    number = next(_numbers)
    clinic = Clinic.objects.create(
        name=f"Example Clinic {number}", phone="5185550100", text_number=f"+151855501{number % 100:02}"
    )
    counselor = StaffMember.objects.create(
        clinic=clinic,
        role=Role.COUNSELOR,
        given_name="Sample",
        family_name="Counselor",
        email=f"counselor{clinic.pk}@staff.example",
        credential="LCDC",
    )
    return House(clinic, counselor)


def promise(
    house: House,
    *,
    channel: str = EMAIL,
    clients: int = 30,
    staff: int = 10,
    due_in: datetime.timedelta = datetime.timedelta(),
    of_use: datetime.timedelta | None = None,
    by_email_too: int = 0,
) -> Promised:
    """One reminder each to so many clients on this channel, and so many to staff in their inbox; two must not go.

    `of_use`: how long the clients' are of use; None: as long as the product decides. `by_email_too`: so many clients
    may be reached by email as well, where a text does not arrive.
    """
    due = timezone.now() + due_in
    reachable, also = _reachable(house, channel, clients + 2, by_email_too)
    people = [*reachable.values()]
    not_after = due + of_use if of_use is not None else None
    receivers: list[Client | StaffMember] = [*people, *[house.counselor] * staff]
    with transaction.atomic():  # no sender sees them before two of them are not to go
        if len(receivers) > MANY:
            made = _in_bulk(receivers, channel, due, not_after)
        else:
            made = [
                outbox.schedule(
                    kind=Kind.CLIENT_APPOINTMENT if isinstance(each, Client) else Kind.STAFF_TASK,
                    client_or_staff=each,
                    due_at=due,
                    not_after=not_after if isinstance(each, Client) else None,
                    dedupe_key=f"faults:{next(_numbers)}",
                    context=CONTEXT if isinstance(each, Client) else {},
                )
                for each in receivers
            ]
        # One consent is revoked, and one appointment is called off, after everything was promised.
        revoked = Consent.objects.get(client=people[-1])
        consents.revoke(consent=revoked, by=house.counselor)
        called_off = next(each for each in made if each.client_id == people[-2].pk)
        outbox.cancel(dedupe_key=called_off.dedupe_key, reason="the appointment was called off")
    to = {value: each.pk for value, each in zip(reachable, made, strict=False)}  # staff come after the clients
    to |= {value: to[first] for value, first in also.items()}
    return Promised([each.pk for each in made], to, not_to_go=2)


def take_back_consent(house: House, reminders: Collection[int]) -> None:
    """The clients of these reminders, each with one consent, take it back."""
    consented = Consent.objects.filter(client__in=Reminder.objects.filter(pk__in=reminders).values("client"))
    for consent in consented.select_related("client"):
        _lead(house, consent.client)
        consents.revoke(consent=consent, by=house.counselor)


def _lead(house: House, client: Client) -> None:
    CareTeamMember.objects.create(
        client=client,
        staff_member=house.counselor,
        part=CareTeamMember.Part.PRIMARY,
        starts_at=timezone.now(),
        assigned_by=house.counselor,
    )


def _reachable(house: House, channel: str, number: int, by_email_too: int) -> tuple[dict[str, Client], dict[str, str]]:
    """New clients by their one contact for messages, which is nobody else's, each with a signed consent for it.

    And the emails of those that have one besides, each with that first contact: the preferred one.
    """
    numbers = [*itertools.islice(_people, number)]
    emails = [f"person{each}@person.example" for each in numbers]
    values = [_phone(each) for each in numbers] if channel == TEXT else emails
    also = dict(zip(emails[:by_email_too], values, strict=False))
    people = Client.objects.bulk_create(
        Client(
            clinic=house.clinic,
            given_name="Sample",
            family_name=f"Person{each}",
            birth_date=datetime.date(1985, 5, 17),
        )
        for each in numbers
    )
    reached = [*zip(people, values, strict=True), *zip(people, also, strict=False)]
    points = ContactPoint.objects.bulk_create(
        ContactPoint(
            client=client,
            kind="email" if "@" in value else "phone",
            value=value,
            normalized=value,
            messages_ok=True,
            is_preferred=value not in also,
        )
        for client, value in reached
    )
    ContactOrder.objects.bulk_create(
        ContactOrder(
            client=first.client,
            ways=[f"{channel}:{first.pk}", f"{EMAIL}:{second.pk}"],
            set_at=timezone.now(),
            set_by=house.counselor,
        )
        for first, second in zip(points, points[number:], strict=False)
    )
    _lead(house, people[-1])
    form = consents.allow_reminders(
        client=people[-1], channel=channel, value=values[-1], by=house.counselor, signed_on=SIGNED
    )
    copied = {
        each.attname: getattr(form, each.attname) for each in Consent._meta.concrete_fields if not each.primary_key
    }
    forms = Consent.objects.bulk_create(
        Consent(
            **{
                **copied,
                "client_id": client.pk,
                "contact_channel": EMAIL if value in also else channel,
                "contact_value": value,
                "signed_by_name": client.full_name,
            }
        )
        for client, value in reached
        if value != values[-1]
    )
    steps = (ConsentStatus.Status.DRAFTED, ConsentStatus.Status.ACTIVE)
    ConsentStatus.objects.bulk_create(
        ConsentStatus(consent=each, status=step, at=timezone.now(), by=house.counselor)
        for step in steps
        for each in forms
    )
    return dict(zip(values, people, strict=True)), also


def _phone(number: int) -> str:
    """555-0100 to 555-0199, which no one has, of one area code after the other."""
    return f"+1{201 + number // 100}55501{number % 100:02}"


def _in_bulk(
    receivers: list[Client | StaffMember], channel: str, due: datetime.datetime, not_after: datetime.datetime | None
) -> list[Reminder]:
    staff = next(each for each in receivers if isinstance(each, StaffMember))
    inbox = contacts.best_channel(staff, due, Kind.STAFF_TASK)
    return Reminder.objects.bulk_create(
        Reminder(
            clinic=each.clinic,
            kind=Kind.CLIENT_APPOINTMENT if isinstance(each, Client) else Kind.STAFF_TASK,
            client=each if isinstance(each, Client) else None,
            staff_member=each if isinstance(each, StaffMember) else None,
            channel=channel if isinstance(each, Client) else inbox,
            asked_for=due,
            due_at=due,
            not_after=not_after if isinstance(each, Client) else None,
            dedupe_key=f"faults:{next(_numbers)}",
            context=CONTEXT if isinstance(each, Client) else {},
        )
        for each in receivers
    )

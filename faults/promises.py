"""What is promised before something breaks: reminders to people who consented, to staff, and some that must not go."""

from __future__ import annotations

import datetime
import itertools
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from cases.models import CareTeamMember, Client, ContactPoint
from faults.provider import EMAIL
from privacy import consents
from privacy.models import Consent, ConsentStatus
from reminders import contacts, outbox
from reminders.models import Kind, Reminder
from staff.models import Clinic, Role, StaffMember

SIGNED = datetime.date(2026, 1, 5)
CONTEXT = {"at": "2026-03-03T21:00:00+00:00", "number": "(518) 555-0100"}  # 4 PM in New York
MANY = 500  # more are written in bulk
_numbers = itertools.count(1)


@dataclass
class Promised:
    """Reminders of one row of the table; `not_to_go` of them are to be held, each for a reason."""

    ids: list[int] = field(default_factory=list)
    not_to_go: int = 0


@dataclass(frozen=True)
class House:
    """The clinic that promises."""

    clinic: Clinic
    counselor: StaffMember


def make_house() -> House:
    """A clinic in New York with one counselor."""
    clinic = Clinic.objects.create(name=f"Example Clinic {next(_numbers)}", phone="5185550100")
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
) -> Promised:
    """One reminder each to so many clients on this channel, and so many to staff in their inbox; two must not go.

    `of_use`: how long the clients' are of use; None: as long as the product decides.
    """
    due = timezone.now() + due_in
    people = _reachable(house, channel, clients + 2)
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
    return Promised([each.pk for each in made], not_to_go=2)


def _reachable(house: House, channel: str, number: int) -> list[Client]:
    """New clients, each with one contact for messages and a signed consent for it."""
    first = (Client.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    values = [f"person{first + each}@person.example" for each in range(number)]
    if channel != EMAIL:
        values = [f"+1518{5_000_000 + first + each}" for each in range(number)]
    people = Client.objects.bulk_create(
        Client(
            clinic=house.clinic,
            given_name="Sample",
            family_name=f"Person{first + each}",
            birth_date=datetime.date(1985, 5, 17),
        )
        for each in range(number)
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(
            client=client,
            kind="email" if channel == EMAIL else "phone",
            value=value,
            normalized=value,
            messages_ok=True,
            is_preferred=True,
        )
        for client, value in zip(people, values, strict=True)
    )
    CareTeamMember.objects.create(
        client=people[-1],
        staff_member=house.counselor,
        part=CareTeamMember.Part.PRIMARY,
        starts_at=timezone.now(),
        assigned_by=house.counselor,
    )
    form = consents.allow_reminders(
        client=people[-1], channel=channel, value=values[-1], by=house.counselor, signed_on=SIGNED
    )
    copied = {
        each.attname: getattr(form, each.attname) for each in Consent._meta.concrete_fields if not each.primary_key
    }
    forms = Consent.objects.bulk_create(
        Consent(**{**copied, "client_id": client.pk, "contact_value": value, "signed_by_name": client.full_name})
        for client, value in zip(people[:-1], values, strict=False)
    )
    steps = (ConsentStatus.Status.DRAFTED, ConsentStatus.Status.ACTIVE)
    ConsentStatus.objects.bulk_create(
        ConsentStatus(consent=each, status=step, at=timezone.now(), by=house.counselor)
        for step in steps
        for each in forms
    )
    return people


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

"""Where a message may go: in the client's own order, where consent allows, and not where it can't arrive."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Client
from privacy import consents
from reminders import contacts, delivery, opt_outs, preferred_order
from reminders.models import Channel, ContactOrder, Kind, NumberFact, Reminder, Way
from staff.models import StaffMember
from tests import factories

from .conftest import ADDRESS, SIGNED, reachable
from .passes import TUESDAY_10
from .phones import CELL, phone

LANDLINE = "+15185550140"


def learned(client: Client, value: str, kind: str) -> NumberFact:
    return NumberFact.objects.create(
        clinic=client.clinic, contact_value=value, kind=kind, source="21614", learned_at=TUESDAY_10
    )


def why_not(client: Client) -> dict[str, str]:
    return {way.channel: way.why_not for way in contacts.ways(client, TUESDAY_10)}


def keys(client: Client) -> list[str]:
    return [way.key for way in contacts.ways(client, TUESDAY_10)]


def test_the_clients_own_order_is_tried_in_turn(robin: Client, counselor: StaffMember, schedule: Any) -> None:
    cell = phone(robin, counselor, "sms", "voice")
    assert contacts.best_channel(robin, TUESDAY_10, Kind.CLIENT_APPOINTMENT) == "email"
    waiting = schedule(TUESDAY_10)
    mail = robin.contact_points.get(kind="email")
    assert keys(robin) == [f"email:{mail.pk}", f"sms:{cell.pk}", f"voice:{cell.pk}"]
    preferred_order.set_order(
        client=robin, ways=[f"sms:{cell.pk}", f"email:{mail.pk}", f"voice:{cell.pk}"], by=counselor
    )
    assert contacts.best_channel(robin, TUESDAY_10, Kind.CLIENT_APPOINTMENT) == "sms"
    waiting.refresh_from_db()
    assert waiting.channel == "sms"
    by_text, by_email, by_phone = ("sms", CELL), ("email", ADDRESS), ("voice", CELL)
    assert contacts.next_way(waiting, {by_text}, TUESDAY_10) == "email"
    assert contacts.next_way(waiting, {by_text, by_email}, TUESDAY_10) == "voice"
    assert contacts.next_way(waiting, {by_text, by_email, by_phone}, TUESDAY_10) is None
    with pytest.raises(preferred_order.NotTheirContacts):
        preferred_order.set_order(client=robin, ways=[f"sms:{cell.pk}", "sms:999"], by=counselor)


def test_the_latest_order_counts_and_earlier_ones_stay(robin: Client, counselor: StaffMember) -> None:
    cell = phone(robin, counselor, "sms", "voice")
    first = keys(robin)
    preferred_order.set_order(client=robin, ways=first[::-1], by=counselor)
    preferred_order.set_order(client=robin, ways=[first[1], first[0], first[2]], by=counselor)
    assert keys(robin) == [first[1], first[0], first[2]]
    assert ContactOrder.objects.count() == 2
    cell.ended_at = TUESDAY_10
    cell.save()
    assert keys(robin) == [first[0]]


def test_a_way_without_consent_is_passed_over(robin: Client, counselor: StaffMember, schedule: Any) -> None:
    cell = phone(robin, counselor, "voice")
    preferred_order.set_order(
        client=robin,
        ways=[f"sms:{cell.pk}", f"voice:{cell.pk}", f"email:{robin.contact_points.get(kind='email').pk}"],
        by=counselor,
    )
    assert contacts.best_channel(robin, TUESDAY_10, Kind.CLIENT_APPOINTMENT) == "voice"
    opt_outs.record(client=robin, contact_value=CELL, words="stop", by=counselor)
    assert contacts.best_channel(robin, TUESDAY_10, Kind.CLIENT_APPOINTMENT) == "email"
    assert contacts.next_way(schedule(TUESDAY_10), {("email", ADDRESS)}, TUESDAY_10) is None


def test_what_was_learned_about_a_number_closes_it(robin: Client, counselor: StaffMember) -> None:
    phone(robin, counselor, "sms", "voice")
    fact = learned(robin, CELL, "no_texts")
    assert why_not(robin) == {"email": "", "sms": "this number can’t get text messages", "voice": ""}
    learned(robin, CELL, "unknown")
    assert why_not(robin)["voice"] == "this isn’t a working phone number"
    with pytest.raises(IntegrityError), transaction.atomic():
        learned(robin, CELL, "no_texts")
    with pytest.raises(IntegrityError), transaction.atomic():
        NumberFact.objects.filter(pk=fact.pk).update(lifted_at=TUESDAY_10)


def test_a_second_number_is_used_when_the_first_is_a_landline(
    robin: Client, counselor: StaffMember, schedule: Any
) -> None:
    phone(robin, counselor, "sms", value=LANDLINE)
    phone(robin, counselor, "sms")
    waiting = schedule(TUESDAY_10)
    delivery.change_channel(waiting, Channel.SMS)
    assert contacts.destination(waiting, TUESDAY_10).value == LANDLINE
    learned(robin, LANDLINE, "no_texts")
    assert contacts.destination(waiting, TUESDAY_10).value == CELL


def test_many_are_answered_as_one_by_one_in_as_many_queries(
    robin: Client, counselor: StaffMember, schedule: Any, clinic: Any
) -> None:
    """All the ways to be unreachable, and a child whose guardian signed: the answers are the same."""
    people = [robin, *factories.ClientFactory.create_batch(9, clinic=clinic, counselor=counselor)]
    for number, client in enumerate(people[1:6]):
        reachable(client, counselor, f"p{number}@person.example", consented=number != 1)
    opt_outs.record(client=people[1], contact_value="p0@person.example", words="stop", by=counselor)
    [consent] = people[3].consents.all()
    consents.revoke(consent=consent, by=counselor)
    for client in people[6:9]:
        client.birth_date = datetime.date(2012, 3, 3)
        client.save()
        reachable(client, counselor, f"child{client.pk}@person.example", consented=False)
        value = f"child{client.pk}@person.example"
        form = {
            "discloser": "Sample clinic",
            "description": "Dates of visits",
            "purpose": "Reminders",
            "right_to_revoke_stated": True,
        }
        consents.record(
            client=client,
            type="reminder_contact",
            by=counselor,
            contact_channel="email",
            contact_value=value,
            expires_on=datetime.date(2027, 1, 1),
            signed_on=SIGNED,
            signed_by_name="A Parent",
            signed_as="parent",
            **form,
        )
    made = [schedule(TUESDAY_10, client_or_staff=client, dedupe_key=f"k{client.pk}") for client in people]
    made.append(
        schedule(TUESDAY_10, client_or_staff=counselor, kind=Kind.STAFF_TASK, context={}, dedupe_key="to staff")
    )

    def loaded(ids: list[int]) -> list[Reminder]:
        rows = Reminder.objects.filter(pk__in=ids).order_by("pk")
        return list(rows.select_related("clinic", "client__clinic", "staff_member"))

    everyone = loaded([each.pk for each in made])
    one_by_one = {each.pk: contacts.destination(each, TUESDAY_10) for each in everyone}
    assert len(set(one_by_one.values())) > 6
    everyone = loaded([each.pk for each in made])
    with CaptureQueriesContext(connection) as many:
        assert contacts.destinations(everyone, TUESDAY_10) == one_by_one
    few = loaded([each.pk for each in made[:2]])
    with CaptureQueriesContext(connection) as two:
        contacts.destinations(few, TUESDAY_10)
    assert len(many) == len(two) <= 3


def test_the_inbox_is_for_staff_alone(schedule: Any) -> None:
    reminder = schedule(TUESDAY_10)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.filter(pk=reminder.pk).update(channel=Way.INBOX)
    assert set(Way.values) - set(Channel.values) == {"inbox"}


def test_the_order_is_changed_on_the_chart(robin: Client, counselor: StaffMember, signed_in: Any, intake: Any) -> None:
    cell = phone(robin, counselor, "sms", "voice")
    mail = robin.contact_points.get(kind="email")
    browser = signed_in(counselor)
    page = browser.get(f"/clients/{robin.pk}/reminders/").content.decode()
    assert "Tried in this order" in page
    browser.post(f"/clients/{robin.pk}/reminders/order/", {"way": f"sms:{cell.pk}"})
    assert keys(robin) == [f"sms:{cell.pk}", f"email:{mail.pk}", f"voice:{cell.pk}"]
    for way in (f"sms:{cell.pk}", "sms:1", "", "²"):
        assert browser.post(f"/clients/{robin.pk}/reminders/order/", {"way": way}).status_code == 302
    assert ContactOrder.objects.count() == 1


def test_a_fact_is_shown_and_lifted_on_the_chart(
    robin: Client, counselor: StaffMember, signed_in: Any, other_clinic: Any
) -> None:
    phone(robin, counselor, "sms", "voice")
    fact = learned(robin, CELL, "no_texts")
    theirs = NumberFact.objects.create(
        clinic=other_clinic, contact_value=CELL, kind="blocked", source="30004", learned_at=TUESDAY_10
    )
    browser = signed_in(counselor)
    page = browser.get(f"/clients/{robin.pk}/reminders/").content.decode()
    assert "this number can’t get text messages" in page
    assert "the phone company blocks" not in page
    address = f"/clients/{robin.pk}/reminders/numbers/{{}}/lift/"
    assert browser.post(address.format(theirs.pk), {"reason": "x"}).status_code == 404
    browser.post(address.format(fact.pk), {"reason": ""})
    assert NumberFact.objects.in_force().count() == 2
    browser.post(address.format(fact.pk), {"reason": "He has a cell phone now"})
    fact.refresh_from_db()
    assert fact.lifted_by == counselor

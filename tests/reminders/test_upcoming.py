"""The page of the next 14 days says what the sender does: the same checks, the same words, each at its time."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from cases.recovery import relapses, sobriety
from privacy import consents
from privacy.models import Consent
from reminders import choices, sources, upcoming
from reminders.kinds import Kind
from reminders.models import Reminder
from reminders.upcoming import Ahead
from staff.models import Program, StaffMember
from tests import factories

from .conftest import reachable, utc
from .passes import one_pass
from .phones import CELL, phone

MONDAY = utc(2026, 3, 2, 15)
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def foreseen() -> dict[str, Ahead]:
    rows = list(upcoming.due(Reminder.objects.all(), timezone.now()).order_by("due_at", "pk"))
    return {each.reminder.dedupe_key: each for each in upcoming.foreseen(rows, [], timezone.now())}


def test_each_says_when_where_and_in_which_words(put: Any) -> None:
    put("one", MONDAY + DAY)
    one = foreseen()["one"]
    assert (one.when, one.address, one.held) == ("Tue, Mar 3, 10:00 AM", "robin@person.example", "")
    assert one.text.body.startswith("Reminder: you have an appointment on Sunday, Mar 8 at 10:00 AM.")


def test_the_limits_count_what_leaves_before(put: Any) -> None:
    put("Monday", MONDAY)
    put("Tuesday", MONDAY + DAY)
    put("Tuesday, too", MONDAY + DAY + datetime.timedelta(hours=2))
    put("Thursday", MONDAY + DAY * 3)
    found = foreseen()
    assert {key: each.when for key, each in found.items()} == {
        "Monday": "Mon, Mar 2, 10:00 AM",
        "Tuesday": "Tue, Mar 3, 10:00 AM",
        "Tuesday, too": "Wed, Mar 4, 8:00 AM",  # the third of the week
        "Thursday": "Mon, Mar 9, 8:00 AM",
    }
    assert found["Thursday"].waits == "limit of one message a day, three a week"


def test_a_milestone_ahead_is_shown_and_held_once_it_is_none(robin: Client, counselor: StaffMember) -> None:
    factories.TreatmentEpisodeFactory(client=robin)
    sobriety.state(client=robin, sobriety_date=MONDAY.date() - 20 * DAY, by=counselor)
    sources.schedule_due(timezone.now())
    (key,) = [key for key in foreseen() if key.startswith("milestone:")]
    assert (foreseen()[key].when, foreseen()[key].held) == ("Thu, Mar 12, 10:00 AM", "")
    assert foreseen()[key].text.body.startswith("We are thinking of you today.")
    relapses.record(client=robin, started_on=MONDAY.date(), by=counselor)
    assert foreseen()[key].held == "the milestone no longer applies"


def test_why_it_would_be_held(put: Any, robin: Client, counselor: StaffMember, make_client: Any) -> None:
    put("not wanted", MONDAY + DAY)
    put("too late", utc(2026, 3, 4, 3), not_after=utc(2026, 3, 4, 4))  # 10 PM where they live
    put("nobody", MONDAY, client_or_staff=make_client())
    put("no words", MONDAY + DAY * 3, context={})
    put("gone", MONDAY + DAY * 4, context={"day": "Friday, Mar 6", "time": "10:00 AM", "appointment_id": 999_999})
    found = foreseen()
    assert found["too late"].held == "too late: outside 8 AM to 9 PM in the client’s time zone"
    assert found["nobody"].held == "no contact that may receive messages"
    assert found["no words"].held == "the message needs day, which is missing"
    assert found["gone"].held == "the appointment no longer exists"
    assert found["not wanted"].held == ""
    choices.choose(client=robin, kind=Kind.CLIENT_APPOINTMENT, is_wanted=False, by=counselor)
    assert foreseen()["not wanted"].held == choices.BY_CLIENT
    choices.choose(client=robin, kind=Kind.CLIENT_APPOINTMENT, is_wanted=True, by=counselor)
    consents.revoke(consent=Consent.objects.get(client=robin), by=counselor)
    assert foreseen()["not wanted"].held == "consent revoked"


def test_where_a_channel_is_closed_it_shows_the_one_that_is_open(
    put: Any, robin: Client, counselor: StaffMember, settings: Any
) -> None:
    settings.REMINDER_CHANNELS = {**settings.REMINDER_CHANNELS, "sms": "reminders.channels.send_email"}
    put("one", MONDAY + DAY)
    consents.revoke(consent=Consent.objects.get(client=robin), by=counselor)
    phone(robin, counselor, "sms")
    Reminder.objects.update(channel="email")
    one = foreseen()["one"]
    assert (one.held, one.reminder.channel, one.address) == ("", "sms", CELL)
    assert Reminder.objects.get().channel == "email"


def test_what_the_page_says_is_what_is_sent(put: Any, now: Any) -> None:
    """Two weeks of messages, one pass an hour: the same days and words as were foreseen, and nothing else."""
    for number in range(9):
        put(str(number), MONDAY + DAY * number + datetime.timedelta(hours=number % 3 * 5))
    end = MONDAY + upcoming.DAYS
    promised = sorted((each.at, each.text.body) for each in foreseen().values() if not each.held and each.at < end)
    sent = []
    moment = MONDAY
    while moment < end:
        now.move_to(moment)
        before = len(mail.outbox)
        one_pass(moment)
        sent += [(moment, each.body) for each in mail.outbox[before:]]
        moment += datetime.timedelta(hours=1)
    assert sorted(sent) == promised


class TestPages:
    @pytest.fixture
    def many(self, program: Program, counselor: StaffMember, make_client: Any) -> None:
        for number in range(12):
            client = make_client(counselor=counselor)
            reachable(client, counselor, f"person{number}@person.example")
            factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=counselor)
            spell = factories.MembershipFactory(client=client, group__program=program, mentor=True)
            spell.group.sessions.create(starts_at=MONDAY + DAY * 3)
            ended = factories.TreatmentEpisodeFactory(client=make_client(counselor=counselor), program=program)
            TreatmentEpisode.objects.filter(pk=ended.pk).update(
                discharged_on=datetime.date(2026, 3, 1),
                discharged_at=MONDAY,
                discharge_reason="completed",
                discharged_by=counselor,
            )
        sources.schedule_due(MONDAY)

    def test_twelve_queries_however_many(
        self, many: None, supervisor: StaffMember, signed_in: Any, django_assert_max_num_queries: Any
    ) -> None:
        browser = signed_in(supervisor)
        browser.get(reverse("reminders:upcoming"))
        with django_assert_max_num_queries(12):
            page = browser.get(reverse("reminders:upcoming"))
        assert len(page.context["found"]) == 50
        assert page.context["page"].next
        later = browser.get(reverse("reminders:upcoming"), {"after": page.context["page"].next})
        assert not {each.reminder.pk for each in later.context["found"]} & {
            each.reminder.pk for each in page.context["found"]
        }

    def test_it_filters(self, many: None, supervisor: StaffMember, signed_in: Any) -> None:
        browser = signed_in(supervisor)
        only = browser.get(reverse("reminders:upcoming"), {"to": "clients", "kind": Kind.CLIENT_GROUP})
        assert {each.reminder.kind for each in only.context["found"]} == {Kind.CLIENT_GROUP}
        assert "Goes out" in only.content.decode()
        none = browser.get(reverse("reminders:upcoming"), {"to": "staff", "kind": Kind.CLIENT_GROUP})
        assert "No matching messages" in none.content.decode()

    def test_a_chart_shows_its_own(
        self, put: Any, robin: Client, counselor: StaffMember, signed_in: Any, make_client: Any
    ) -> None:
        put("mine", MONDAY + DAY)
        put("theirs", MONDAY + DAY, client_or_staff=make_client())
        page = signed_in(counselor).get(reverse("reminders:client_upcoming", args=[robin.pk]))
        assert [each.reminder.dedupe_key for each in page.context["found"]] == ["mine"]
        stranger = factories.StaffMemberFactory(clinic=counselor.clinic)
        assert signed_in(stranger).get(reverse("reminders:client_upcoming", args=[robin.pk])).status_code == 404

    def test_another_clinics_are_not_shown(self, put: Any, other_clinic: Any, signed_in: Any) -> None:
        put("one", MONDAY + DAY)
        stranger = factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")
        page = signed_in(stranger).get(reverse("reminders:upcoming"))
        assert page.context["found"] == []

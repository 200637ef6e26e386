"""The one owner of whether a client's standing lets a message leave is reminders.standing, asked at send time."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions
from cases.models import Client, Inquiry, TreatmentEpisode
from cases.recovery import sobriety
from desk.needs import needs_of
from reminders import checks, delivery, opt_outs, outbox, sources, standing
from reminders.kinds import KINDS
from reminders.models import Kind, OptOut, Reminder, StaffTask
from staff.models import Clinic, Program, StaffMember
from tests import factories
from tests.ownership import as_owner

from .conftest import ADDRESS, utc

D = datetime.date
MONDAY = utc(2026, 3, 2, 15)
TUESDAY = utc(2026, 3, 3, 15)
FOR_CLIENTS = [kind for kind in Kind if kind.startswith("client_")]


@pytest.fixture
def now() -> Any:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def episode(now: Any, robin: Client, program: Program, counselor: StaffMember) -> TreatmentEpisode:
    return factories.TreatmentEpisodeFactory(
        client=robin, program=program, admitted_by=counselor, admitted_on=D(2026, 1, 5)
    )


@pytest.fixture
def put(robin: Client) -> Callable[..., Reminder]:
    def make(kind: str = Kind.CLIENT_APPOINTMENT, **fields: Any) -> Reminder:
        given = {
            "client_or_staff": robin,
            "due_at": TUESDAY,
            "dedupe_key": f"{kind}:{timezone.now()}",
            "context": {"day": "Tuesday", "time": "10:00 AM", "number": "(555) 010-0100"},
        }
        return outbox.schedule(kind=kind, **{**given, **fields})

    return make


def leave(episode: TreatmentEpisode, reason: str, by: StaffMember) -> None:
    admissions.discharge(episode=episode, discharged_on=D(2026, 3, 2), reason=reason, by=by, planned=True)


def deliver(at: datetime.datetime = TUESDAY) -> str:
    [(reminder_id, claim)] = delivery.claim_due(at, 10)
    return delivery.deliver(reminder_id, claim, at)


def test_every_kind_is_decided() -> None:
    assert set(KINDS) == set(Kind)


@pytest.mark.parametrize("kind", FOR_CLIENTS)
def test_nobody_is_written_to_after_death(
    kind: str, episode: TreatmentEpisode, robin: Client, program: Program, put: Any, counselor: StaffMember, now: Any
) -> None:
    """Not even where another episode is still open."""
    other = factories.ProgramFactory(clinic=robin.clinic)
    factories.TreatmentEpisodeFactory(client=robin, program=other, admitted_by=counselor, admitted_on=D(2026, 2, 1))
    reminder = put(kind)
    now.shift(60)
    leave(episode, "died", counselor)
    assert deliver() == "cancelled"
    reminder.refresh_from_db()
    assert reminder.reason == "the client died"
    assert mail.outbox == []
    if reminder.is_a_promise:
        task = StaffTask.objects.get()
        assert task.kind == StaffTask.Kind.HELD_BACK
        assert task.sentence == (
            "A reminder for Mar 3, 2026, 10:00 AM was held: the client died. "
            "No messages go out after a death. Cancel anything still scheduled."
        )


@pytest.mark.parametrize("reason", ["completed", "left", "ended_by_clinic", "transferred", "incarcerated", "other"])
@pytest.mark.parametrize(
    "kind",
    [Kind.CLIENT_APPOINTMENT, Kind.CLIENT_MEETING_FOLLOWUP, Kind.CLIENT_MISSED_APPOINTMENT, Kind.CLIENT_MILESTONE],
)
def test_care_that_ended_reminds_nobody(
    kind: str, reason: str, episode: TreatmentEpisode, put: Any, counselor: StaffMember, now: Any
) -> None:
    reminder = put(kind)
    now.shift(60)
    leave(episode, reason, counselor)
    assert deliver() == "cancelled"
    reminder.refresh_from_db()
    assert reminder.reason.startswith(
        "the client was discharged" if reason not in ("transferred", "incarcerated") else "the client"
    )
    assert mail.outbox == []


def test_the_discharge_taken_back_lets_it_go(
    episode: TreatmentEpisode, put: Any, counselor: StaffMember, supervisor: StaffMember, now: Any
) -> None:
    put()
    now.shift(60)
    leave(episode, "transferred", counselor)
    now.shift(60)
    admissions.undo_discharge(episode=episode, reason="Wrong chart", by=supervisor)
    assert deliver() == "sent"


def test_follow_up_begins_with_the_discharge(
    episode: TreatmentEpisode, put: Any, counselor: StaffMember, now: Any, settings: Any
) -> None:
    settings.REMINDER_CAUSES = {}  # no call is behind it
    reminder = put(Kind.CLIENT_CONTINUING_CARE)
    assert checks.by_standing(reminder).reason == "the client is in care again"
    leave(episode, "completed", counselor)
    assert deliver() == "sent"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("transferred", "the client was transferred to another provider"),
        ("incarcerated", "the client is incarcerated, and others may read messages"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.CLIENT_CONTINUING_CARE, Kind.CLIENT_CHECKUP])
def test_who_went_elsewhere_is_followed_up_elsewhere(
    kind: str, reason: str, words: str, episode: TreatmentEpisode, put: Any, counselor: StaffMember
) -> None:
    reminder = put(kind)
    leave(episode, reason, counselor)
    assert checks.by_standing(reminder).reason == words


def test_a_first_visit_and_a_way_back_are_reminded_of(
    robin: Client,
    clinic: Clinic,
    episode: TreatmentEpisode,
    put: Any,
    counselor: StaffMember,
    make_client: Any,
    now: Any,
) -> None:
    first = put(client_or_staff=make_client())
    assert checks.by_standing(first) is None
    old = put(dedupe_key="old")
    now.shift(60)
    leave(episode, "left", counselor)
    now.shift(60)
    Inquiry.objects.create(clinic=clinic, client=robin, taken_by=counselor, taken_at=timezone.now())
    now.shift(60)
    assert checks.by_standing(put(dedupe_key="new")) is None
    assert checks.by_standing(old).reason == "the client was discharged"


def test_back_in_care_the_visits_of_before_stay_held_back(
    robin: Client, program: Program, episode: TreatmentEpisode, put: Any, counselor: StaffMember, now: Any
) -> None:
    old = put(dedupe_key="old")
    now.shift(60)
    leave(episode, "left", counselor)
    now.shift(60)
    again = factories.TreatmentEpisodeFactory(
        client=robin, program=program, admitted_by=counselor, admitted_on=D(2026, 3, 2)
    )
    now.shift(60)
    assert checks.by_standing(old).reason == "the client was discharged"
    assert checks.by_standing(put(dedupe_key="new")) is None
    assert checks.by_standing(put(dedupe_key="own", context={"episode_id": again.pk})) is None
    assert checks.by_standing(put(dedupe_key="ended", context={"episode_id": episode.pk})).reason


def test_care_beside_it_that_goes_on_keeps_its_reminders(
    robin: Client, clinic: Clinic, episode: TreatmentEpisode, put: Any, counselor: StaffMember, now: Any
) -> None:
    factories.TreatmentEpisodeFactory(
        client=robin, program=factories.ProgramFactory(clinic=clinic), admitted_by=counselor, admitted_on=D(2026, 2, 1)
    )
    put()
    now.shift(60)
    leave(episode, "completed", counselor)
    assert deliver() == "sent"


def test_a_colleague_is_not_sent_to_call_after_a_death(
    robin: Client, episode: TreatmentEpisode, put: Any, counselor: StaffMember
) -> None:
    call = put(Kind.STAFF_FOLLOWUP_CALL, client_or_staff=counselor, context={"client_id": robin.pk})
    note = put(Kind.STAFF_NOTE_UNSIGNED, client_or_staff=counselor, context={"client_id": robin.pk})
    leave(episode, "died", counselor)
    assert checks.by_standing(call).reason == "the client died"
    assert checks.by_standing(note) is None  # the record is completed all the same


def test_no_milestone_is_planned_after_a_death(
    robin: Client, episode: TreatmentEpisode, counselor: StaffMember, clinic: Clinic
) -> None:
    factories.TreatmentEpisodeFactory(
        client=robin, program=factories.ProgramFactory(clinic=clinic), admitted_by=counselor, admitted_on=D(2026, 2, 1)
    )
    sobriety.state(client=robin, sobriety_date=D(2026, 2, 10), by=counselor)
    sources.schedule_due(TUESDAY)
    planned = Reminder.objects.filter(kind=Kind.CLIENT_MILESTONE)
    assert planned.count() == 1
    with as_owner():
        planned.delete()
    leave(episode, "died", counselor)
    assert standing.why_not_about(Kind.CLIENT_MILESTONE, robin) == "the client died"
    sources.schedule_due(TUESDAY)
    assert not planned.exists()


def test_no_confirmation_goes_to_the_number_of_who_died(
    robin: Client, episode: TreatmentEpisode, clinic: Clinic, counselor: StaffMember
) -> None:
    leave(episode, "died", counselor)
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="STOP", at=MONDAY)
    assert opt_outs.confirm_due(MONDAY) == 0
    assert mail.outbox == []
    assert OptOut.objects.in_force().exists()


def test_every_page_says_that_it_will_not_go_out(
    robin: Client, episode: TreatmentEpisode, put: Any, counselor: StaffMember, signed_in: Any, now: Any
) -> None:
    """The same function as at send time, on the chart, its overview and the list."""
    put()
    now.shift(60)
    leave(episode, "died", counselor)
    browser = signed_in(counselor)
    for page in (
        reverse("reminders:client_reminders", args=[robin.pk]),
        reverse("reminders:reminders"),
        reverse("desk:chart", args=[robin.pk]),
    ):
        assert "Won’t be sent: the client died" in browser.get(page).content.decode(), page


def test_what_was_held_back_is_on_today(
    robin: Client, episode: TreatmentEpisode, put: Any, counselor: StaffMember, now: Any
) -> None:
    put()
    now.shift(60)
    leave(episode, "transferred", counselor)
    deliver()
    found = [need for need in needs_of(staff_member=counselor, now=TUESDAY) if need.title == "Review a held message"]
    assert [need.client_name for need in found] == ["Robin Sample"]
    assert "transferred to another provider" in found[0].detail


def test_a_list_of_many_clients_asks_for_all_at_once(
    clinic: Clinic, program: Program, counselor: StaffMember, make_client: Any, django_assert_num_queries: Any, now: Any
) -> None:
    clients = [make_client() for _ in range(5)]
    for client in clients:
        factories.TreatmentEpisodeFactory(
            client=client, program=program, admitted_by=counselor, discharged_on=D(2026, 3, 1), discharge_reason="left"
        )
    with django_assert_num_queries(2):
        assert len(standing.standings(client.pk for client in clients)) == 5

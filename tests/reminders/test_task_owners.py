"""Whose a task is, through whose hands it goes, and who hears of it when it is late."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import CareTeamMember, Client
from reminders import staff_tasks, today
from reminders.models import CrisisReply, StaffTask, TaskHandover
from reminders.task_deadlines import Deadlines, Level
from staff.models import Clinic, StaffMember
from staff.office_hours import OfficeHours
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

from .conftest import utc

pytestmark = pytest.mark.django_db
TUESDAY_10 = utc(2026, 3, 3, 15)  # in New York
NEW_YEAR = utc(2026, 1, 5)
Make = Callable[..., StaffMember]


@pytest.fixture
def task(client_record: Client) -> StaffTask:
    return staff_tasks.add(clinic=client_record.clinic, client=client_record, sentence="Call them.", at=TUESDAY_10)


def owner(task: StaffTask) -> int | None:
    return StaffTask.objects.with_owner().get(pk=task.pk).owner_id  # type: ignore[attr-defined]


def told(who: StaffMember, at: datetime.datetime) -> list[str]:
    found = (need.title for need in today.needs(staff_member=who, now=at))
    return [title for title in found if title != "Reminders are not being sent"]


def joins(client: Client, who: StaffMember, part: str, *, at: datetime.datetime = NEW_YEAR) -> CareTeamMember:
    return CareTeamMember.objects.create(client=client, staff_member=who, part=part, starts_at=at, assigned_by=who)


def leaves(client: Client, who: StaffMember) -> None:
    client.care_team.filter(staff_member=who).update(ends_at=utc(2026, 2, 1))


def test_the_primary_counselor_has_it_else_the_first_of_the_team_else_the_desk(
    task: StaffTask, client_record: Client, counselor: StaffMember, make_staff: Make, intake: StaffMember
) -> None:
    leaves(client_record, counselor)
    assert owner(task) is None
    assert told(intake, TUESDAY_10) == ["Contact another way"]
    assert told(make_staff("supervisor"), TUESDAY_10) == ["Contact another way"]
    assert told(make_staff("administrator"), TUESDAY_10) == []
    joins(client_record, make_staff("medical"), "medical")  # reads no reminders
    facilitator, second = make_staff("counselor"), make_staff("counselor")
    joins(client_record, facilitator, "facilitator", at=utc(2025, 1, 5))
    assert owner(task) == facilitator.pk
    joins(client_record, second, "counselor")
    assert owner(task) == second.pk
    lead = make_staff("counselor")
    joins(client_record, lead, "primary")
    assert owner(task) == lead.pk
    assert told(intake, TUESDAY_10) == told(second, TUESDAY_10) == []
    assert told(lead, TUESDAY_10) == ["Contact another way"]
    StaffMember.objects.filter(pk=lead.pk).update(is_active=False)
    assert owner(task) == second.pk


def test_about_no_client_it_is_for_those_who_manage_reminders(
    clinic: Clinic, supervisor: StaffMember, administrator: StaffMember, intake: StaffMember, counselor: StaffMember
) -> None:
    staff_tasks.add(clinic=clinic, sentence="The provider refuses our password.", at=TUESDAY_10)
    for who in (supervisor, administrator):
        [need] = today.needs(staff_member=who, now=TUESDAY_10)
        assert (need.detail, need.due) == ("The provider refuses our password.", utc(2026, 3, 4, 15))
    assert told(intake, TUESDAY_10) == told(counselor, TUESDAY_10) == []


def test_it_is_handed_on_with_a_reason_and_comes_back_when_that_colleague_cannot_open_it(
    task: StaffTask, client_record: Client, counselor: StaffMember, make_staff: Make, supervisor: StaffMember
) -> None:
    colleague = make_staff("counselor")
    with pytest.raises(staff_tasks.CantOpen):
        staff_tasks.hand_over(task=task, to=colleague, reason="On leave", by=counselor)
    joins(client_record, colleague, "counselor")
    with pytest.raises(staff_tasks.HandoverReasonNeeded):
        staff_tasks.hand_over(task=task, to=colleague, reason=" ", by=counselor)
    with pytest.raises(staff_tasks.AlreadyTheirs):
        staff_tasks.hand_over(task=task, to=counselor, reason="Mine", by=supervisor)
    staff_tasks.hand_over(task=task, to=colleague, reason="On leave", by=counselor)
    assert owner(task) == colleague.pk
    assert told(counselor, TUESDAY_10) == []
    staff_tasks.hand_over(task=task, to=supervisor, reason="Sick today", by=supervisor)
    assert owner(task) == supervisor.pk
    StaffMember.objects.filter(pk=supervisor.pk).update(is_active=False)
    assert owner(task) == colleague.pk
    leaves(client_record, colleague)
    assert owner(task) == counselor.pk
    with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        TaskHandover.objects.update(reason="Rewritten")


def test_the_database_wants_a_reason_for_a_colleague(
    task: StaffTask, counselor: StaffMember, intake: StaffMember
) -> None:
    with pytest.raises(IntegrityError, match="task_handed_over_with_a_reason"):
        TaskHandover.objects.create(task=task, to=intake, by=counselor, at=TUESDAY_10)


def test_who_may_not_see_it_hands_nothing_over(
    task: StaffTask, make_staff: Make, other_clinic: Clinic, intake: StaffMember
) -> None:
    for stranger in (make_staff("counselor"), make_staff("supervisor", clinic=other_clinic), make_staff("privacy")):
        with pytest.raises(NotPermitted):
            staff_tasks.hand_over(task=task, to=intake, reason="Please", by=stranger)
    assert not TaskHandover.objects.exists()


def test_a_day_late_it_is_on_the_supervisors_today_two_days_on_the_administrators(
    task: StaffTask, counselor: StaffMember, supervisor: StaffMember, administrator: StaffMember, intake: StaffMember
) -> None:
    minute = datetime.timedelta(minutes=1)
    wednesday_10, thursday_10 = utc(2026, 3, 4, 15), utc(2026, 3, 5, 15)
    assert told(supervisor, wednesday_10 - minute) == []
    assert told(supervisor, wednesday_10) == [f"{counselor}: Contact another way"]
    assert told(administrator, thursday_10 - minute) == []
    [need] = today.needs(staff_member=administrator, now=thursday_10)
    assert need.title == f"1 late task: {counselor}"
    assert need.client_name == ""
    assert "Call them" not in need.detail
    assert need.due == wednesday_10
    assert told(intake, thursday_10) == []
    assert told(counselor, thursday_10) == ["Contact another way"]
    staff_tasks.done(task=task, by=counselor)
    assert told(supervisor, thursday_10) == told(administrator, thursday_10) == []


def test_a_weekend_makes_nothing_late(client_record: Client, supervisor: StaffMember, counselor: StaffMember) -> None:
    friday_4_pm = utc(2026, 3, 6, 21)
    staff_tasks.add(clinic=client_record.clinic, client=client_record, sentence="Call them.", at=friday_4_pm)
    monday_3_59_pm, monday_4_pm = utc(2026, 3, 9, 19, 59), utc(2026, 3, 9, 20)  # the clocks went forward on Sunday
    assert told(supervisor, monday_3_59_pm) == []
    assert told(supervisor, monday_4_pm) == [f"{counselor}: Contact another way"]


def test_danger_and_a_doubt_before_an_appointment_are_told_of_sooner(
    robin: Client, schedule: Any, supervisor: StaffMember, administrator: StaffMember, counselor: StaffMember
) -> None:
    evening = utc(2026, 3, 3, 23)  # 6 PM
    reminder = schedule(evening, not_after=utc(2026, 3, 4, 14, 30))
    staff_tasks.instead_of(reminder, "may have arrived: the provider did not say whether it took it", evening)
    doubt = StaffTask.objects.with_owner().select_related("reminder").get()
    assert doubt.kind == StaffTask.Kind.UNCERTAIN
    deadlines = Deadlines.of(robin.clinic)
    assert deadlines.due_at(doubt) == utc(2026, 3, 4, 14, 30)  # two office hours would be after the appointment
    assert told(supervisor, utc(2026, 3, 4, 14, 29)) == []
    assert told(supervisor, utc(2026, 3, 4, 14, 30)) == [f"{counselor}: Ask whether a message arrived"]
    with as_owner():
        StaffTask.objects.all().delete()

    staff_tasks.add(clinic=robin.clinic, client=robin, sentence="Ask.", at=evening, kind=StaffTask.Kind.UNCLEAR)
    two_later = evening + datetime.timedelta(hours=2)  # 8 PM: danger keeps no office hours
    assert f"{counselor}: Ask whether to stop messages" not in told(supervisor, two_later)
    CrisisReply.objects.create(
        clinic=robin.clinic, client=robin, contact_value="x@y.example", words="x", danger="suicide", received_at=evening
    )
    assert f"{counselor}: Ask whether to stop messages" in told(supervisor, two_later)
    assert told(administrator, two_later) == []
    assert told(administrator, two_later + datetime.timedelta(hours=2)) == [f"1 late task: {counselor}"]
    late = StaffTask.objects.with_owner().get()
    assert deadlines.due_at(late, Level.ADMINISTRATOR) == two_later + datetime.timedelta(hours=2)


@pytest.mark.parametrize("kind", ["client_appointment", "client_moved", "client_canceled"])
@pytest.mark.parametrize("task_kind", [StaffTask.Kind.BLOCKED, StaffTask.Kind.HELD_BACK])
def test_what_is_done_instead_of_a_message_before_an_appointment_is_due_before_it(
    kind: str, task_kind: str, robin: Client, schedule: Any, supervisor: StaffMember, counselor: StaffMember
) -> None:
    evening = utc(2026, 3, 3, 23)  # 6 PM; one business day later the visit would be over
    reminder = schedule(evening, kind=kind, not_after=utc(2026, 3, 4, 14, 30))
    StaffTask.objects.create(
        clinic=robin.clinic, client=robin, reminder=reminder, kind=task_kind, sentence="Call.", created_at=evening
    )
    task = StaffTask.objects.with_owner().select_related("reminder").get()
    assert Deadlines.of(robin.clinic).due_at(task) == utc(2026, 3, 4, 14, 30)
    assert told(supervisor, utc(2026, 3, 4, 14, 29)) == []
    assert told(supervisor, utc(2026, 3, 4, 14, 30)) == [f"{counselor}: {StaffTask.Kind(task_kind).label}"]


def test_what_is_about_no_time_ahead_waits_its_business_day(robin: Client, schedule: Any) -> None:
    """A message after a missed appointment has an end, too, and no visit after it."""
    reminder = schedule(TUESDAY_10, kind="client_missed_appointment", not_after=TUESDAY_10 + datetime.timedelta(days=1))
    StaffTask.objects.create(
        clinic=robin.clinic, client=robin, reminder=reminder, sentence="Call.", created_at=TUESDAY_10
    )
    task = StaffTask.objects.with_owner().select_related("reminder").get()
    assert Deadlines.of(robin.clinic).due_at(task) == utc(2026, 3, 4, 15)


def test_the_administrators_today_never_says_all_is_done_with_tasks_that_no_one_has(
    client_record: Client, counselor: StaffMember, make_staff: Make, clinic: Clinic, signed_in: Any
) -> None:
    administrator = make_staff("administrator")
    leaves(client_record, counselor)
    for _ in range(4):
        staff_tasks.add(clinic=clinic, client=client_record, sentence="Call Robin.", at=TUESDAY_10)
    assert told(administrator, TUESDAY_10) == ["4 tasks that no one has"]
    page = signed_in(administrator).get(reverse("desk:today")).content.decode()
    assert "Nothing due" not in page
    assert client_record.full_name not in page
    make_staff("intake")
    assert told(administrator, TUESDAY_10) == []


def test_the_list_says_whose_each_is_and_hides_clients_from_the_administrator(
    task: StaffTask,
    client_record: Client,
    counselor: StaffMember,
    intake: StaffMember,
    administrator: StaffMember,
    signed_in: Any,
) -> None:
    staff_tasks.hand_over(task=task, to=intake, reason="Secretreason", by=counselor)
    page = signed_in(administrator).get(reverse("reminders:tasks")).content.decode()
    assert f"{counselor} handed it to {intake}" in page
    assert "Secretreason" not in page
    assert client_record.full_name not in page
    assert "Call them." not in page
    assert signed_in(administrator).post(reverse("reminders:task_done", args=[task.pk])).status_code == 404
    assert signed_in(administrator).post(reverse("reminders:task_take", args=[task.pk])).status_code == 404
    own = signed_in(counselor).get(reverse("reminders:tasks")).content.decode()
    assert "Call them." in own
    assert "Secretreason" in own
    assert client_record.full_name in own


def test_through_the_pages(
    task: StaffTask,
    client_record: Client,
    counselor: StaffMember,
    supervisor: StaffMember,
    administrator: StaffMember,
    intake: StaffMember,
    signed_in: Any,
) -> None:
    boss = signed_in(administrator)
    hand_over = reverse("reminders:task_hand_over", args=[task.pk])
    assert "Choose a colleague" in boss.post(hand_over, {"to": "x"}, follow=True).content.decode()
    answer = boss.post(hand_over, {"to": intake.pk, "reason": "Dana is away"}, follow=True).content.decode()
    assert f"{intake} has this task now." in answer
    assert owner(task) == intake.pk
    desk = signed_in(counselor)
    take = reverse("reminders:task_take", args=[task.pk])
    chart = reverse("reminders:client_reminders", args=[client_record.pk])
    assert "Enter a reason." in desk.post(take, {"next": chart}, follow=True).content.decode()
    answer = desk.post(take, {"reason": "I am back", "next": chart}, follow=True).content.decode()
    assert "You have this task now." in answer
    assert "Dana is away" in answer
    assert owner(task) == counselor.pk
    desk.post(reverse("reminders:task_done", args=[task.pk]), {"next": chart})
    assert StaffTask.objects.get().done_by == counselor
    before = TaskHandover.objects.count()
    assert boss.post(hand_over, {"to": intake.pk, "reason": "x"}).status_code == 404
    assert TaskHandover.objects.count() == before


def test_filters(
    task: StaffTask, client_record: Client, counselor: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    now = utc(2030, 1, 7, 15)
    fresh = staff_tasks.add(clinic=client_record.clinic, sentence="Fresh", at=now, kind=StaffTask.Kind.REPLY)
    other = factories.ClientFactory(clinic=client_record.clinic)
    desks = staff_tasks.add(clinic=other.clinic, client=other, sentence="Desk", at=TUESDAY_10)
    browser = signed_in(supervisor)

    def shown(**asked: object) -> set[int]:
        page = browser.get(reverse("reminders:tasks"), asked)
        return {line.task.pk for line in page.context["lines"]}

    assert shown() == {task.pk, fresh.pk, desks.pk}
    assert shown(owner="mine") == {fresh.pk, desks.pk}
    assert shown(owner="desk") == {fresh.pk, desks.pk}
    assert shown(owner=counselor.pk) == {task.pk}
    assert shown(kind="reply") == {fresh.pk}
    assert task.pk in shown(late="on")
    assert fresh.pk not in shown(late="on")
    assert shown(owner="' OR 1=1", kind="nonsense") == {task.pk, fresh.pk, desks.pk}


def test_the_list_asks_as_much_for_many_as_for_few(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, administrator: StaffMember, signed_in: Any
) -> None:
    def more(number: int) -> None:
        for _ in range(number):
            client = factories.ClientFactory(clinic=client_record.clinic, counselor=counselor)
            task = staff_tasks.add(clinic=client.clinic, client=client, sentence="Call.", at=TUESDAY_10)
            staff_tasks.hand_over(task=task, to=supervisor, reason="Help", by=counselor)

    for who in (supervisor, administrator):
        browser = signed_in(who)
        counts = []
        for number in (1, 6):
            more(number)
            for url in (reverse("reminders:tasks"), reverse("desk:today")):
                browser.get(url)
                with CaptureQueriesContext(connection) as asked:
                    browser.get(url)
                counts.append(len(asked))
        assert counts[:2] == counts[2:]
        assert max(counts) <= 12


@pytest.mark.parametrize(
    ("at", "hours", "expected"),
    [
        (utc(2026, 3, 6, 21), 2, utc(2026, 3, 9, 13)),  # Friday 4 PM, Monday 9 AM (clocks forward on Sunday)
        (utc(2026, 3, 7, 15), 9, utc(2026, 3, 9, 21)),  # Saturday, Monday at closing
        (utc(2026, 3, 3, 23), 1, utc(2026, 3, 4, 14)),  # after closing
        (utc(2026, 3, 3, 15), 18, utc(2026, 3, 5, 15)),
    ],
)
def test_office_hours_are_counted(
    clinic: Clinic, at: datetime.datetime, hours: int, expected: datetime.datetime
) -> None:
    assert OfficeHours.of(clinic).later(at, datetime.timedelta(hours=hours)) == expected


def test_what_is_late_by_the_column_is_late_by_the_clock(clinic: Clinic) -> None:
    """`earlier` undoes `later` at every quarter of an hour of ten days, a clock change among them."""
    office = OfficeHours.of(clinic)
    moments = [utc(2026, 3, 4) + datetime.timedelta(minutes=15 * step) for step in range(960)]
    for duration in (datetime.timedelta(hours=2), datetime.timedelta(hours=9), datetime.timedelta(hours=18)):
        for now in moments[::7]:
            latest = office.earlier(now, duration)
            assert all((office.later(at, duration) <= now) == (at <= latest) for at in moments[::5])

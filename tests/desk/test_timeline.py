"""The timeline: every dated fact is a mark with a name and a place, and the table says what the picture shows."""

import datetime
import itertools

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.codes import Precision
from cases.models import Client, LevelOfCarePeriod
from counseling.models import SessionNote
from demo import history
from desk.timeline import LEFT, NARROWEST, RIGHT, Lane, Mark, Span, Window, draw, draw_in_full, measure
from staff.models import Program, StaffMember
from tests import factories
from tests.places import NEW_YORK

D = datetime.date


def window(span: str = "", until: str = "") -> Window:
    return Window.read(span=span, until=until, today=timezone.localdate(timezone=NEW_YORK))


def a_life(client: Client, program: Program, by: StaffMember) -> None:
    episode = factories.TreatmentEpisodeFactory(
        client=client,
        program=program,
        admitted_by=by,
        admitted_on=D(2025, 2, 3),
        discharged_on=D(2025, 6, 30),
        discharge_reason="completed",
    )
    LevelOfCarePeriod.objects.create(
        episode=episode,
        criteria_edition="asam-3",
        level_code="2.1",
        setting=2,
        starts_at=datetime.datetime(2025, 2, 3, 14, tzinfo=datetime.UTC),
        ends_at=datetime.datetime(2025, 7, 1, 4, tzinfo=datetime.UTC),
        decided_by=by,
    )
    facts = {"client": client, "recorded_by": by, "recorded_at": timezone.now()}
    factories.RelapseFactory(started_on=D(2025, 1, 10), ended_on=D(2025, 1, 30), **facts)
    factories.RelapseFactory(
        started_on=D(2025, 9, 1), ended_on=D(2025, 9, 1), started_precision=Precision.MONTH, **facts
    )


@pytest.mark.parametrize("days", [30, 400, 7300])
def test_marks_stay_inside_the_picture_and_can_be_hit(days: int) -> None:
    end = D(2026, 3, 9)
    start = end - datetime.timedelta(days=days)
    marks = [
        Mark(Lane.RETURN, "one day", start, start + datetime.timedelta(days=1)),
        Mark(Lane.RETURN, "the last day", end - datetime.timedelta(days=1), None),
        Mark(Lane.EPISODE, "began before", start - datetime.timedelta(days=100), start + datetime.timedelta(days=9)),
    ]
    picture = measure(marks, start=start, end=end)
    assert len(picture.marks) == 3
    for mark in picture.marks:
        assert mark.x >= LEFT
        assert mark.x + mark.width <= RIGHT + 0.11
        assert mark.width >= NARROWEST
    assert 1 <= len(picture.ticks) <= 14


def test_what_ended_before_the_span_is_left_out() -> None:
    old = Mark(Lane.EPISODE, "long ago", D(2020, 1, 1), D(2020, 2, 1))
    assert measure([old], start=D(2025, 1, 1), end=D(2026, 1, 1)).marks == []


def test_picture_and_table_carry_the_same_facts(
    client_record: Client, program: Program, counselor: StaffMember
) -> None:
    a_life(client_record, program, counselor)
    picture = draw(client=client_record, staff_member=counselor)
    assert picture is not None
    assert [mark.name for mark in picture.episodes] == ["Outpatient, completed the program"]
    assert [mark.name for mark in picture.levels] == [
        "Level 2.1, intensive outpatient (IOP) or partial hospitalization (PHP)"
    ]
    assert [
        (mark.start, mark.last_day, mark.approximate) for mark in sorted(picture.returns, key=lambda m: m.start)
    ] == [
        (D(2025, 1, 10), D(2025, 1, 30), False),
        (D(2025, 9, 1), D(2025, 9, 1), True),
    ]
    # between the two, and since the second
    assert sorted(mark.start for mark in picture.recovery) == [D(2025, 1, 31), D(2025, 9, 2)]
    assert sorted(picture.rows, key=id) == sorted(picture.marks, key=id)


def test_who_may_not_see_returns_to_use_does_not_see_them_drawn(
    client_record: Client, program: Program, counselor: StaffMember, privacy_officer: StaffMember
) -> None:
    a_life(client_record, program, counselor)
    assert draw(client=client_record, staff_member=privacy_officer) is None
    assert draw_in_full(client=client_record, staff_member=privacy_officer, window=window())[0] is None


def test_nobody_sees_another_clinics_life(
    client_record: Client, program: Program, counselor: StaffMember, other_clinic: object
) -> None:
    a_life(client_record, program, counselor)
    stranger = factories.StaffMemberFactory(clinic=other_clinic)
    assert draw(client=client_record, staff_member=stranger) is None


def test_chart_shows_the_picture_named_for_a_screen_reader(
    client_record: Client, program: Program, counselor: StaffMember, signed_in: object
) -> None:
    a_life(client_record, program, counselor)
    browser: Browser = signed_in(counselor)  # type: ignore[operator]
    page = browser.get(reverse("desk:chart", args=[client_record.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    assert "1 episode of care, 2 returns to use, 2 periods of recovery" in text
    assert "View as table" in text
    assert "Robin" not in text.split("<title>")[1].split("</title>")[0]  # nothing of the person in the window's title


def test_chart_costs_the_same_however_long_the_life(
    client_record: Client,
    program: Program,
    counselor: StaffMember,
    signed_in: object,
    django_assert_num_queries: object,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser: Browser = signed_in(counselor)  # type: ignore[operator]
    url = reverse("desk:chart", args=[client_record.pk])
    a_life(client_record, program, counselor)
    browser.get(url)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    for year in range(2000, 2020):
        factories.RelapseFactory(
            client=client_record,
            started_on=D(year, 1, 1),
            ended_on=D(year, 2, 1),
            recorded_by=counselor,
            recorded_at=timezone.now(),
        )
    with CaptureQueriesContext(connection) as many:
        browser.get(url)
    assert len(many) == len(few)


@pytest.mark.parametrize("span", Span)
def test_every_span_draws(client_record: Client, program: Program, counselor: StaffMember, span: Span) -> None:
    a_life(client_record, program, counselor)
    assert draw(client=client_record, staff_member=counselor, span=span) is not None


def a_full_life(client: Client, program: Program, by: StaffMember, notes: int) -> None:
    """A note a week, the last one today: signed as an old system's notes are brought in."""
    today = timezone.localtime(timezone=NEW_YORK).replace(hour=12)
    first = today - datetime.timedelta(days=7 * notes)
    episode = factories.TreatmentEpisodeFactory(
        client=client, program=program, admitted_by=by, admitted_on=first.date()
    )
    begun = [first + datetime.timedelta(days=7 * (number + 1), hours=-1) for number in range(notes)]
    written = history.add_notes(
        drafts=[
            history.blank_note(
                client=client,
                episode=episode,
                author=by,
                format="dap",
                at=at,
                session_ended_at=at + datetime.timedelta(minutes=50),
                sections={"data": "Came.", "assessment": "Well.", "plan": "Again."},
            )
            for at in begun
        ],
        goals={},
        by=by,
    )
    history.sign_notes(signed={note.pk: note.session_ended_at for note in written}, by=by, cosigned=[])


def test_seven_hundred_notes_are_a_few_dots_that_lead_nearer(
    client_record: Client, program: Program, counselor: StaffMember
) -> None:
    a_full_life(client_record, program, counselor, 700)
    picture, first = draw_in_full(client=client_record, staff_member=counselor, window=window())
    assert picture is not None
    dots = picture.lane(Lane.NOTE)
    assert sum(dot.count for dot in dots) == 700
    assert len(dots) < 70
    for near, far in itertools.pairwise(dots):
        assert far.x - near.x >= 15
    assert "700 notes" in picture.summary
    crowd = next(dot for dot in dots if dot.count > 1)
    assert crowd.name == f"{crowd.count} session notes"
    assert crowd.url.startswith(reverse("desk:timeline", args=[client_record.pk]) + "?span=10y&until=")

    # nearer and nearer, until each note is a mark of its own that leads to itself
    month, _ = draw_in_full(
        client=client_record, staff_member=counselor, window=window("30d", f"{first + datetime.timedelta(days=60)}")
    )
    assert month is not None
    assert [dot.count for dot in month.lane(Lane.NOTE)] == [1, 1, 1, 1]
    note = SessionNote.objects.earliest("session_started_at")
    assert {dot.name for dot in month.lane(Lane.NOTE)} == {"Session note, DAP"}
    assert reverse("counseling:note_edit", args=[client_record.pk, note.pk]).startswith(
        f"/clients/{client_record.pk}/notes/"
    )


def test_the_page_of_a_long_life_costs_what_a_short_one_costs(
    client_record: Client, program: Program, counselor: StaffMember, make_client: object, signed_in: object
) -> None:
    browser: Browser = signed_in(counselor)  # type: ignore[operator]
    other = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    a_full_life(other, program, counselor, 7)
    a_full_life(client_record, program, counselor, 200)
    costs = []
    for client in (other, client_record):
        url = reverse("desk:timeline", args=[client.pk])
        browser.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_turning_back_and_on_again(client_record: Client, program: Program, counselor: StaffMember) -> None:
    today = D(2026, 3, 9)
    year = Window.read(span="1y", until="2020-06-01", today=today)
    assert (year.start(D(2010, 1, 1)), year.until) == (D(2019, 6, 1), D(2020, 6, 1))
    assert year.earlier(D(2010, 1, 1)) == Window(Span.YEAR, D(2019, 12, 1), is_today=False)
    assert year.later(today) == Window(Span.YEAR, D(2020, 12, 1), is_today=False)
    assert year.earlier(D(2019, 6, 1)) is None  # nothing was before
    assert Window.read(span="1y", until="2030-01-01", today=today) == Window(Span.YEAR, today)
    assert Window.read(span="x", until="soon", today=today) == Window(Span.LIFE, today)
    assert Window(Span.YEAR, today).later(today) is None
    assert year.query == "span=1y&until=2020-06-01"


def test_another_clinics_counselor_finds_no_timeline(
    client_record: Client, program: Program, counselor: StaffMember, other_clinic: object, signed_in: object
) -> None:
    a_life(client_record, program, counselor)
    browser: Browser = signed_in(factories.StaffMemberFactory(clinic=other_clinic))  # type: ignore[operator, arg-type]
    assert browser.get(reverse("desk:timeline", args=[client_record.pk])).status_code == 404

"""A stay as its counselor tells it by the numbers: due on the first day, item 9, a wrong entry, getting better."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions
from cases.models import Client
from cases.people import care_team, registration
from counseling import measures
from counseling.codes import Instrument
from counseling.instruments import FORMS
from counseling.measures import risk
from counseling.models import Measure
from counseling.panels import today_measures
from staff.models import StaffMember
from tests.reading import as_read

from .house import House

D = datetime.date
CAME, SECOND, THIRD, FOURTH = D(2026, 3, 2), D(2026, 3, 16), D(2026, 3, 30), D(2026, 4, 13)
NOT_AT_ALL = [0] * 9


@pytest.fixture
def office(house: House, signed_in: Callable[[StaffMember], Browser]) -> Browser:
    house.it_is(CAME, 9)
    return signed_in(house.counselor)


@pytest.fixture
def resident(house: House) -> Client:
    house.it_is(CAME, 8)
    person = registration.register(by=house.intake, given_name="Robin", family_name="Samplefield")
    care_team.assign(client=person, staff_member=house.counselor, by=house.intake)
    admissions.admit(client=person, program=house.residence, level_of_care="3.5", admitted_on=CAME, by=house.counselor)
    return person


def at(name: str, *args: object) -> str:
    return reverse(f"counseling:{name}", args=args)


def enter(office: Browser, resident: Client, instrument: str, answers: list[int], day: D, then: str = "") -> str:
    """Type the answers into the page; the address that it leads to. With a gap, `then` says to save all the same."""
    keys = FORMS[Instrument(instrument)].keys
    data = {f"item_{key}": str(answer) for key, answer in zip(keys, answers, strict=False)}
    answer = office.post(
        at("measure_new", resident.pk, instrument), {**data, "taken_on": day.isoformat(), "then": then}
    )
    assert answer.status_code == 302, as_read(answer)
    return answer["Location"]


def on_today(house: House) -> list[str]:
    needs = today_measures.needs(staff_member=house.counselor, now=timezone.now())
    return [f"{need.title}: {need.detail}" for need in needs]


def test_a_stay_by_its_numbers(house: House, resident: Client, office: Browser) -> None:
    # On the first day Today asks for what a residence asks for, and the chart has a button for each.
    assert on_today(house) == ["4 measures due: C-SSRS screener due Mar 3, PHQ-9 due Mar 9, GAD-7 due Mar 9 and 1 more"]
    listed = as_read(office.get(at("measures", resident.pk)))
    assert at("measure_new", resident.pk, "bam") in listed

    # He says yes to question 9: the screener opens by itself, and until it is asked nothing is closed.
    led_to = enter(office, resident, "phq-9", [3, 3, 3, 2, 2, 2, 1, 1, 1], CAME)
    assert led_to == at("measure_new", resident.pk, "c-ssrs")
    assert [hold.button for hold in risk.closing_holds(client=resident, on=CAME)] == [
        "Complete the C-SSRS screener now"
    ]
    led_to = enter(office, resident, "c-ssrs", [1, 0, 0, 0, 0, 0], CAME)
    assert led_to == at("measures", resident.pk)
    assert risk.closing_holds(client=resident, on=CAME) == []
    assert on_today(house) == ["2 measures due: GAD-7 due Mar 9, BAM due Mar 9"]

    # Two weeks later it is due again; the form of another person is typed in by mistake, and taken back.
    house.it_is(SECOND, 10)
    office = _again(office, house)
    assert on_today(house)[0].startswith("3 measures due: GAD-7 overdue since Mar 9")
    enter(office, resident, "phq-9", [3] * 8 + [0], SECOND)
    wrong = Measure.objects.get(total=24)
    back = office.post(at("measure_withdraw", resident.pk, wrong.pk), {"reason": "Was another resident's form"})
    assert back["Location"] == at("measures", resident.pk)
    page = as_read(office.get(at("measures", resident.pk)))
    assert "<del>24</del>" in page
    assert "Was another resident&#x27;s form" in page
    assert "PHQ-9 due today" in on_today(house)[0]  # what was taken back was not taken
    enter(office, resident, "phq-9", [2, 2, 2, 2, 2, 1, 1, 0, 0], SECOND)

    # It falls; once a page is turned over too fast, and the line breaks there instead of inventing a number.
    house.it_is(THIRD, 10)
    office = _again(office, house)
    enter(office, resident, "phq-9", [1, 1, 1], THIRD, then="incomplete")
    assert "No score (missing answer)" in as_read(office.get(at("measures", resident.pk)))
    assert "PHQ-9 due today" in on_today(house)[0]
    enter(office, resident, "phq-9", [1, 1, 2, 1, 1, 1, 0, 0, 0], THIRD)
    house.it_is(FOURTH, 10)
    office = _again(office, house)
    enter(office, resident, "phq-9", [1, 1, 1, 1, 0, 0, 0, 0, 0], FOURTH)

    course = office.get(at("measure_trend", resident.pk, "phq-9")).context["course"]
    assert course.sentence == "4, Minimal on Apr 13, 2026; 18 on Mar 2, 2026, first of this episode."
    assert [row.measure.total for row in course.rows] == [4, 7, None, 12, 18]
    assert [len(line.split()) for line in course.pictures[0].wide.lines] == [2, 2]
    assert course.taken_back == 1
    assert measures.latest(resident)[0].total == 4


def _again(office: Browser, house: House) -> Browser:
    """Two weeks on, the session is over: sign in again."""
    office.force_login(house.counselor, backend="django.contrib.auth.backends.ModelBackend")
    return office

"""Rule R1 reads the record: use during care or soon after it, whatever was typed.

The one owner of what the record says of care around a return to use is cases.placement.care.facts.
"""

import datetime
from typing import Any

import pytest
import time_machine

from cases import assessments, placement
from cases.episodes import admissions
from cases.models import Client, LevelOfCareAssessment, TreatmentEpisode
from cases.recovery import relapses
from staff.models import Program, StaffMember
from staff.models.clinic import Setting
from tests import factories

D = datetime.date
NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)
ADMITTED, LEFT = D(2026, 3, 2), D(2026, 4, 10)
SAFE = {
    "emergency_signs": False, "suicidal_intent": False, "suicidal_behavior": False, "substances": ["cannabis"],
    "use_days": 1, "span_days": 1, "use_stopped": True,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _may() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def intensive(clinic: Any) -> Program:
    return factories.ProgramFactory(clinic=clinic, name="Intensive", setting=Setting.INTENSIVE, level_code="2.1")


@pytest.fixture
def residential(clinic: Any) -> Program:
    return factories.ProgramFactory(clinic=clinic, name="Residence", setting=Setting.RESIDENTIAL, level_code="3.5")


def in_care(client: Client, program: Program, by: StaffMember, left: D | None = None) -> TreatmentEpisode:
    episode = admissions.admit(
        client=client, program=program, level_of_care=program.level_code, admitted_on=ADMITTED, by=by
    )
    if left is not None:
        admissions.discharge(episode=episode, discharged_on=left, reason="completed", by=by)
    return episode


def used(client: Client, by: StaffMember, day: D, until: D | None = None, **facts: Any) -> Any:
    return relapses.record(
        client=client, started_on=day, ended_on=until or day, days_used=1, substances=["cannabis"], by=by, **facts
    )


def suggested(client: Client, by: StaffMember, relapse: Any = None, **typed: Any) -> placement.Suggestion:
    """From an assessment in which nobody typed anything about care."""
    return placement.suggest(assessments.record(client=client, relapse=relapse, by=by, **{**SAFE, **typed}))


def reason(found: placement.Suggestion) -> str:
    return next((each.reason for each in found.fired if each.rule == "R1"), "")


def test_use_in_intensive_care_is_never_answered_with_outpatient_care(
    client_record: Client, intensive: Program, counselor: StaffMember
) -> None:
    in_care(client_record, intensive, counselor)
    lapse = used(client_record, counselor, D(2026, 5, 18))
    found = suggested(client_record, counselor, lapse)
    assert found.setting == Setting.RESIDENTIAL
    before = "intensive outpatient (IOP) or partial hospitalization (PHP)"
    assert reason(found) == f"Returned to use during {before} care: one step above that."
    unnamed = suggested(client_record, counselor)
    assert unnamed.setting == Setting.RESIDENTIAL, "also where nobody named the return to use"
    typed = suggested(client_record, counselor, lapse, used_during_care=False, prior_setting=1)
    assert typed.setting == Setting.RESIDENTIAL, "and where it was typed otherwise"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (D(2026, 4, 9), "during intensive"),
        (D(2026, 4, 10), "during intensive"),
        (D(2026, 4, 11), "1 day after"),
        (D(2026, 5, 18), "38 days after"),
    ],
)
def test_a_day_before_the_discharge_is_no_better_than_the_day_itself(
    client_record: Client, intensive: Program, counselor: StaffMember, day: D, words: str
) -> None:
    in_care(client_record, intensive, counselor, left=LEFT)
    found = suggested(client_record, counselor, used(client_record, counselor, day))
    assert found.setting == Setting.RESIDENTIAL
    assert words in reason(found)


def test_after_residential_care_not_below_it_and_the_reason_says_so(
    client_record: Client, residential: Program, counselor: StaffMember
) -> None:
    in_care(client_record, residential, counselor, left=LEFT)
    found = suggested(client_record, counselor, used(client_record, counselor, D(2026, 4, 20)))
    assert found.setting == Setting.RESIDENTIAL
    assert reason(found).startswith("Returned to use 10 days after residential care: not below that level.")


@pytest.mark.parametrize(("typed", "counts"), [(60, 10), (2, 2)])
def test_of_two_answers_the_shorter_time_since_care_counts(
    client_record: Client, residential: Program, counselor: StaffMember, typed: int, counts: int
) -> None:
    in_care(client_record, residential, counselor, left=LEFT)
    lapse = used(client_record, counselor, D(2026, 4, 20))
    found = suggested(client_record, counselor, lapse, days_from_discharge_to_use=typed)
    assert reason(found).startswith(f"Returned to use {counts} days after residential care")


def test_the_level_at_the_use_counts_not_the_one_of_today(
    client_record: Client, residential: Program, counselor: StaffMember
) -> None:
    episode = in_care(client_record, residential, counselor)
    lapse = used(client_record, counselor, D(2026, 4, 1))
    admissions.change_level_of_care(
        episode=episode, level_of_care="2.1", starts_at=D(2026, 5, 1), reason="Stable", by=counselor
    )
    known = assessments.prefilled(client=client_record, relapse=lapse)
    assert (known["present_setting"], known["prior_setting"], known["used_during_care"]) == (2, 3, True)
    assert suggested(client_record, counselor, lapse).setting == Setting.RESIDENTIAL


def test_care_has_gone_up_since_and_is_not_left_behind(
    client_record: Client, program: Program, counselor: StaffMember
) -> None:
    episode = in_care(client_record, program, counselor)
    lapse = used(client_record, counselor, D(2026, 4, 1))
    admissions.change_level_of_care(
        episode=episode, level_of_care="3.5", starts_at=D(2026, 4, 3), reason="Needs more", by=counselor
    )
    found = suggested(client_record, counselor, lapse)
    assert found.setting == Setting.RESIDENTIAL
    assert "not below the current residential care" in reason(found)


@pytest.mark.parametrize("typed", [{"substances": ["alcohol"], "days_since_alcohol": 3}, {"use_stopped": False}])
def test_use_that_nobody_recorded_but_the_answers_tell_of_counts_too(
    client_record: Client, intensive: Program, counselor: StaffMember, typed: dict
) -> None:
    in_care(client_record, intensive, counselor)
    found = suggested(client_record, counselor, **typed)
    assert reason(found).startswith("Returned to use during intensive")
    assert found.floor_setting == Setting.RESIDENTIAL


def test_for_somebody_in_care_use_of_unknown_days_is_asked_about(
    client_record: Client, intensive: Program, counselor: StaffMember
) -> None:
    in_care(client_record, intensive, counselor)
    found = suggested(client_record, counselor)
    assert found.setting is None, "outpatient care is not suggested to somebody in intensive care for want of an answer"
    assert "use while in care" in found.not_enough
    assert suggested(client_record, counselor, used_during_care=False).setting == Setting.OUTPATIENT
    assert suggested(client_record, counselor, used_during_care=True).setting == Setting.RESIDENTIAL


def test_use_before_the_admission_is_not_use_in_care(
    client_record: Client, intensive: Program, counselor: StaffMember
) -> None:
    in_care(client_record, intensive, counselor)
    found = suggested(client_record, counselor, substances=["alcohol"], days_since_alcohol=90, used_during_care=False)
    assert "R1" not in found.rules


def test_the_last_drink_on_the_day_of_admission_is_not_use_in_care(
    client_record: Client, intensive: Program, counselor: StaffMember
) -> None:
    in_care(client_record, intensive, counselor)
    since_admission = (NOW.date() - ADMITTED).days
    last = {"substances": ["alcohol"], "used_during_care": False}
    assert "R1" not in suggested(client_record, counselor, **last, days_since_alcohol=since_admission).rules
    assert "R1" in suggested(client_record, counselor, **last, days_since_alcohol=since_admission - 1).rules


def test_days_typed_beyond_the_calendar_say_nothing_and_break_nothing(
    client_record: Client, intensive: Program, counselor: StaffMember
) -> None:
    in_care(client_record, intensive, counselor, left=LEFT)
    days = {"use_days": 2, "span_days": 2_000_000_000, "days_since_alcohol": 2_000_000_000}
    assert "R1" not in suggested(client_record, counselor, **days).rules


def test_what_brought_somebody_into_care_did_not_begin_in_it(
    client_record: Client, intensive: Program, counselor: StaffMember
) -> None:
    brought = used(client_record, counselor, ADMITTED - datetime.timedelta(days=1), until=ADMITTED)
    admissions.admit(
        client=client_record,
        program=intensive,
        level_of_care="2.1",
        admitted_on=ADMITTED,
        relapse=brought,
        by=counselor,
    )
    found = suggested(client_record, counselor, brought)
    assert "R1" not in found.rules
    again = used(client_record, counselor, D(2026, 3, 9))
    assert reason(suggested(client_record, counselor, again)).startswith("Returned to use during intensive")


def test_use_before_the_last_care_is_not_use_in_it(
    client_record: Client, intensive: Program, counselor: StaffMember
) -> None:
    before = used(client_record, counselor, ADMITTED - datetime.timedelta(days=9))
    in_care(client_record, intensive, counselor, left=LEFT)
    assert "days_from_discharge_to_use" not in assessments.prefilled(client=client_record, relapse=before)
    assert "R1" not in suggested(client_record, counselor, before).rules


def test_a_month_that_may_have_been_in_care_counts_as_care(
    client_record: Client, intensive: Program, counselor: StaffMember
) -> None:
    in_care(client_record, intensive, counselor, left=LEFT)
    about = used(
        client_record,
        counselor,
        D(2026, 3, 1),
        until=D(2026, 3, 31),
        started_precision="month",
        ended_precision="month",
    )
    assert "during intensive" in reason(suggested(client_record, counselor, about))


def test_a_return_to_use_long_ago_or_struck_out_says_nothing_of_now(
    client_record: Client, intensive: Program, counselor: StaffMember
) -> None:
    admissions.admit(
        client=client_record, program=intensive, level_of_care="2.1", admitted_on=D(2025, 3, 3), by=counselor
    )
    used(client_record, counselor, D(2025, 9, 1))
    mistaken = used(client_record, counselor, D(2026, 5, 18))
    relapses.void(relapse=mistaken, reason="Another client", by=counselor)
    assert "R1" not in suggested(client_record, counselor).rules


def test_two_lapses_without_any_care_are_a_slip_and_nothing_more(client_record: Client, counselor: StaffMember) -> None:
    used(client_record, counselor, D(2026, 5, 12))
    last = used(client_record, counselor, D(2026, 5, 15))
    found = placement.suggest(
        assessments.record(
            client=client_record,
            relapse=last,
            by=counselor,
            **{**SAFE, **assessments.prefilled(client=client_record, relapse=last)},
        )
    )
    assert (found.rules, found.setting) == (("D1",), Setting.OUTPATIENT)


@pytest.mark.parametrize("substance", ["benzodiazepines", "barbiturates", "sedatives", "tranquilizers"])
def test_the_day_of_any_sedative_is_filled_in(client_record: Client, counselor: StaffMember, substance: str) -> None:
    lapse = relapses.record(
        client=client_record, started_on=D(2026, 5, 17), ended_on=D(2026, 5, 18), substances=[substance], by=counselor
    )
    known = assessments.prefilled(client=client_record, relapse=lapse)
    assert known["days_since_sedative"] == 2
    found = suggested(client_record, counselor, lapse, **known)
    assert {"sedative_stopped", "sedative_severe"} <= {each.input for each in found.missing if each.safety}


def test_two_records_of_the_same_days_count_them_once(client_record: Client, counselor: StaffMember) -> None:
    for first in (D(2026, 5, 11), D(2026, 5, 12)):
        last = relapses.record(
            client=client_record, started_on=first, ended_on=D(2026, 5, 16), days_used=5, by=counselor
        )
    known = assessments.prefilled(client=client_record, relapse=last)
    assert (known["use_days"], known["span_days"]) == (6, 6)
    row = assessments.record(client=client_record, relapse=last, by=counselor, **known)
    assert LevelOfCareAssessment.objects.get() == row


def test_an_older_return_does_not_answer_for_use_that_is_only_told(
    client_record: Client, counselor: StaffMember, intensive: Program
) -> None:
    """Stimulants have no “days since”: whether it was in care is asked, and nothing is suggested without the answer."""
    with time_machine.travel(NOW, tick=False):
        used(client_record, counselor, ADMITTED - datetime.timedelta(days=20))
        in_care(client_record, intensive, counselor)
        told = {"substances": ["methamphetamine"], "use_days": 3, "span_days": 5, "use_stopped": True}
        found = suggested(client_record, counselor, **told)
        assert found.setting is None
        assert "used_during_care" in {each.input for each in found.missing}
        assert suggested(client_record, counselor, **told, used_during_care=True).setting >= Setting.INTENSIVE


def test_soon_after_care_it_is_asked_when_the_use_began(
    client_record: Client, counselor: StaffMember, intensive: Program
) -> None:
    with time_machine.travel(NOW, tick=False):
        in_care(client_record, intensive, counselor, left=NOW.date() - datetime.timedelta(days=2))
        found = suggested(
            client_record, counselor, substances=["cocaine"], use_days=2, span_days=2, use_stopped=True,
        )  # fmt: skip
        assert found.setting is None
        assert "days_from_discharge_to_use" in {each.input for each in found.missing}


# --- use that spans a stay: it reaches into care whether the stay goes on or was ended

RES_IN, RES_OUT, SPAN_TODAY = D(2026, 11, 10), D(2026, 11, 20), datetime.datetime(2026, 11, 22, 16, tzinfo=datetime.UTC)


def stayed(client: Client, program: Program, by: StaffMember, left: D | None = RES_OUT) -> TreatmentEpisode:
    episode = admissions.admit(
        client=client, program=program, level_of_care=program.level_code, admitted_on=RES_IN, by=by
    )
    if left is not None:
        admissions.discharge(episode=episode, discharged_on=left, reason="completed", by=by)
    return episode


@pytest.mark.parametrize("left", [RES_OUT, None])
@pytest.mark.parametrize("first", [D(2026, 10, 12), D(2026, 11, 9), RES_IN, D(2026, 11, 15), RES_OUT])
@pytest.mark.parametrize("told", ["recorded", "named", "typed"])
def test_use_that_reaches_into_a_stay_is_use_during_care(
    client_record: Client, residential: Program, counselor: StaffMember, told: str, first: D, left: D | None
) -> None:
    """Forty days of use around ten days of residential care never ask for less than one day after it does."""
    with time_machine.travel(SPAN_TODAY, tick=False):
        stayed(client_record, residential, counselor, left)
        last = D(2026, 11, 21)
        lapse, typed = None, {}
        if told == "typed":
            span = (last - first).days + 1
            typed = {"substances": ["alcohol"], "days_since_alcohol": 1, "use_days": 2, "span_days": span}
        else:
            lapse = used(client_record, counselor, first, until=last)
        found = suggested(client_record, counselor, lapse if told == "named" else None, ciwa_ar=2, **typed)
        assert reason(found).startswith("Returned to use during residential care: not below that level.")
        assert found.floor_setting == Setting.RESIDENTIAL


@pytest.mark.parametrize("told", ["recorded", "typed"])
def test_more_days_of_use_never_ask_for_less_care(
    client_record: Client, residential: Program, counselor: StaffMember, told: str
) -> None:
    with time_machine.travel(SPAN_TODAY, tick=False):
        stayed(client_record, residential, counselor)
        last = D(2026, 11, 21)
        for span in (1, 2, 3, 11, 12, 13, 40, 400):
            first = last - datetime.timedelta(days=span - 1)
            typed: dict[str, Any] = {}
            if told == "typed":
                typed = {"substances": ["alcohol"], "days_since_alcohol": 1, "use_days": 1, "span_days": span}
                found = suggested(client_record, counselor, ciwa_ar=2, **typed)
            else:
                lapse = used(client_record, counselor, first, until=last)
                found = suggested(client_record, counselor, lapse)
                relapses.void(relapse=lapse, reason="Next", by=counselor)
            assert found.floor_setting == Setting.RESIDENTIAL, span


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (D(2026, 11, 21), D(2026, 11, 21), 1),
        (RES_OUT, D(2026, 11, 21), 0),
        (D(2026, 10, 12), D(2026, 11, 21), 0),
        (D(2026, 10, 12), RES_OUT, 0),
        (D(2026, 10, 12), D(2026, 11, 19), -1),
        (D(2026, 10, 12), RES_IN, None),
        (D(2026, 10, 12), D(2026, 10, 20), None),
    ],
)
def test_days_since_the_discharge_are_those_to_the_first_use_on_or_after_it(
    client_record: Client, residential: Program, counselor: StaffMember, first: D, last: D, days: int | None
) -> None:
    with time_machine.travel(SPAN_TODAY, tick=False):
        stayed(client_record, residential, counselor)
        lapse = used(client_record, counselor, first, until=last)
        known = assessments.prefilled(client=client_record, relapse=lapse)
        assert known.get("days_from_discharge_to_use") == days
        assert ("R1" in suggested(client_record, counselor, lapse).rules) is (days is not None)


def test_the_highest_level_that_the_use_reached_into_counts(
    client_record: Client, residential: Program, program: Program, counselor: StaffMember
) -> None:
    with time_machine.travel(SPAN_TODAY, tick=False):
        episode = stayed(client_record, residential, counselor, left=None)
        admissions.change_level_of_care(
            episode=episode, level_of_care="1", program=program, starts_at=D(2026, 11, 18), reason="Done", by=counselor
        )
        lapse = used(client_record, counselor, D(2026, 10, 12), until=D(2026, 11, 21))
        assert assessments.prefilled(client=client_record, relapse=lapse)["prior_setting"] == Setting.RESIDENTIAL
        later = used(client_record, counselor, D(2026, 11, 20))
        relapses.void(relapse=lapse, reason="Another client", by=counselor)
        assert assessments.prefilled(client=client_record, relapse=later)["prior_setting"] == Setting.OUTPATIENT


@pytest.mark.parametrize(("until", "counts"), [(D(2026, 11, 9), False), (RES_IN, False), (D(2026, 11, 12), True)])
def test_what_brought_somebody_in_counts_where_it_went_on_in_care(
    client_record: Client, residential: Program, counselor: StaffMember, until: D, counts: bool
) -> None:
    with time_machine.travel(SPAN_TODAY, tick=False):
        brought = used(client_record, counselor, D(2026, 11, 1), until=until)
        admissions.admit(
            client=client_record, program=residential, level_of_care="3.5", admitted_on=RES_IN, relapse=brought,
            by=counselor,
        )  # fmt: skip
        assert ("R1" in suggested(client_record, counselor, brought).rules) is counts


@pytest.mark.parametrize(("told_on", "counts"), [(9, False), (22, True)])
def test_use_whose_end_nobody_knows_may_have_reached_into_care_as_far_as_it_was_told(
    client_record: Client, residential: Program, counselor: StaffMember, told_on: int, counts: bool
) -> None:
    with time_machine.travel(datetime.datetime(2026, 11, told_on, 16, tzinfo=datetime.UTC), tick=False):
        lapse = used(client_record, counselor, D(2026, 11, 1), ended_precision="unknown")
    with time_machine.travel(SPAN_TODAY, tick=False):
        stayed(client_record, residential, counselor)
        assert ("R1" in suggested(client_record, counselor, lapse).rules) is counts


def test_a_month_that_led_to_the_admission_is_neither_in_that_care_nor_after_it(
    client_record: Client, residential: Program, counselor: StaffMember
) -> None:
    with time_machine.travel(SPAN_TODAY, tick=False):
        month = {"started_precision": "month", "ended_precision": "month"}
        brought = used(client_record, counselor, D(2026, 11, 1), until=D(2026, 11, 22), **month)
        episode = admissions.admit(
            client=client_record, program=residential, level_of_care="3.5", admitted_on=RES_IN, relapse=brought,
            by=counselor,
        )  # fmt: skip
        admissions.discharge(episode=episode, discharged_on=RES_OUT, reason="completed", by=counselor)
        assert "R1" not in suggested(client_record, counselor, brought).rules

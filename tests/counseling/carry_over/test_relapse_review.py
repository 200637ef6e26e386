"""The return-to-use review: what was known when the use began, what happened, and the board's decisions."""

from __future__ import annotations

import datetime

import pytest

from cases.models import TreatmentEpisode
from cases.recovery import learning, relapses
from counseling import carry_over, plans
from counseling.models import DischargePlan
from tests import factories

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def words(lines):
    return {line.wording for line in lines}


def decided(returning, by, token, verdict):
    item = next(each for each in carry_over.gather(episode=returning.second, by=by) if each.token == token)
    carry_over.decide(item=item, verdict=verdict, by=by)
    return carry_over.compare(returning.relapse)


@pytest.fixture
def within(returning, counselor):
    """On March 1, still in care, Robin used for a day. A trigger was new in it, and another was found a week later."""
    relapse = relapses.record(
        client=returning.client_record,
        started_on=datetime.date(2026, 3, 1),
        ended_on=datetime.date(2026, 3, 1),
        triggers=["An evening alone", returning.payday],
        by=counselor,
    )
    learning.add_trigger(
        client=returning.client_record, wording="The late bus", first_seen_on=relapse.started_on + 7 * DAY, by=counselor
    )
    return relapse


def test_what_a_return_to_use_taught_stays_new_after_the_discharge(within):
    """Used in March, discharged in April: what the discharge knew, March did not."""
    found = carry_over.compare(within)
    assert (words(found.held), words(found.came_back), words(found.new)) == (set(), {"Payday"}, {"An evening alone"})
    assert "The late bus" not in words(found.never_used)
    assert found.known_on == within.started_on


def test_a_discharge_plan_written_after_the_use_began_was_known_to_nobody(returning, counselor):
    """Robin left without a word; the plan was written down when they came back."""
    late = DischargePlan.objects.get(pk=returning.discharge.pk)
    DischargePlan.objects.filter(pk=late.pk).update(written_at=datetime.datetime(2026, 3, 28, tzinfo=datetime.UTC))
    late = plans.write_discharge_plan(
        episode=returning.first, by=counselor, what_helps="Stay away", triggers=[returning.wedding]
    )
    found = carry_over.compare(returning.relapse)
    assert found.discharge_plan == returning.discharge
    assert "A wedding" in words(found.new)
    DischargePlan.objects.filter(pk=late.pk).update(written_at=datetime.datetime(2026, 4, 9, 15, tzinfo=datetime.UTC))
    found = carry_over.compare(returning.relapse)
    assert found.discharge_plan == late
    assert "A wedding" in words(found.came_back), "written the day before: it was named, if not understood"


def test_use_known_only_to_the_month_began_after_the_discharge_in_that_month(returning, counselor):
    TreatmentEpisode.objects.filter(pk=returning.first.pk).update(discharged_on=datetime.date(2026, 4, 3))
    DischargePlan.objects.update(written_at=datetime.datetime(2026, 4, 3, 15, tzinfo=datetime.UTC))
    returning.relapse.started_on, returning.relapse.started_precision = datetime.date(2026, 4, 1), "month"
    returning.relapse.save()
    found = carry_over.compare(returning.relapse)
    assert found.discharge_plan == returning.discharge
    assert found.known_on == datetime.date(2026, 4, 3)
    assert "A wedding" in words(found.new)


@pytest.mark.parametrize(
    ("verdict", "part", "outcome"),
    [
        ("held", "held", "Helped, per carry-over review"),
        ("did_not_hold", "did_not_hold", "Did not help, per carry-over review"),
        ("never_used", "never_used", "Known before, not used"),
    ],
)
def test_a_strategy_that_the_record_says_nothing_about_goes_by_the_board(returning, counselor, verdict, part, outcome):
    found = decided(returning, counselor, f"strategy:{returning.breathe.pk}", verdict)
    line = next(each for each in getattr(found, part) if each.source == returning.breathe)
    assert line.outcome == outcome
    assert sum(each.source == returning.breathe for each in found.all_lines) == 1


def test_what_the_record_says_of_a_strategy_stands_whatever_the_board_found(returning, counselor):
    found = decided(returning, counselor, f"strategy:{returning.call.pk}", "never_used")
    assert "Calling my sister" in words(found.held)


@pytest.mark.parametrize("name", ["payday", "sleep"])
def test_a_trigger_or_sign_that_caught_them_unprepared_did_not_hold(returning, counselor, name):
    source = getattr(returning, name)
    kind = "trigger" if name == "payday" else "warning_sign"
    found = decided(returning, counselor, f"{kind}:{source.pk}", "did_not_hold")
    line = next(each for each in found.did_not_hold if each.source == source)
    assert line.outcome in {"Caught off guard, per carry-over review", "Went unnoticed, per carry-over review"}
    assert sum(each.source == source for each in found.all_lines) == 1


def mutual_help(*, episodes):
    from cases.carry_over_source import CarryOverSource

    return {
        episode.pk: [CarryOverSource(key="involvement:7", wording="Home group for two years")] for episode in episodes
    }


def test_homework_and_mutual_help_are_compared_as_the_board_found(returning, counselor, settings):
    settings.CARRY_OVER_SOURCES = ["tests.counseling.carry_over.test_relapse_review.mutual_help"]
    found = decided(returning, counselor, "mutual_help:involvement:7", "did_not_hold")
    assert "Home group for two years" in words(found.did_not_hold)


def test_a_return_to_use_entered_by_mistake_is_compared_nowhere(returning, counselor, signed_in):
    from django.urls import reverse

    relapses.void(relapse=returning.relapse, reason="Another person's", by=counselor)
    browser = signed_in(counselor)
    pk = returning.client_record.pk
    for name, args in (("comparison", [pk]), ("growth", [pk]), ("carry_over", [pk, returning.second.pk])):
        page = browser.get(reverse(f"counseling:{name}", args=args)).content.decode()
        assert "Return to use, Apr 10, 2026" not in page, name


def called_past(item, *, on, by):
    """As somebody found it on that day, and wrote it down the same day."""
    type(item).objects.filter(pk=item.pk).update(no_longer_true_since=on)
    item.refresh_from_db()


def test_what_was_thought_past_and_is_there_again_says_so_and_is_not_new(returning, counselor):
    """Whoever names it makes it true again; the comparison still says what was thought on that day."""
    for item in (returning.payday, returning.sleep, returning.walk):
        called_past(item, on=datetime.date(2026, 5, 1), by=counselor)
    again = relapses.record(
        client=returning.client_record,
        started_on=datetime.date(2026, 6, 5),
        ended_on=datetime.date(2026, 6, 6),
        triggers=["Payday"],
        coping_tried=[("Walking the dog", "helped")],
        by=counselor,
    )
    found = carry_over.compare(again)
    assert [(line.wording, line.outcome) for line in found.held] == [
        ("Walking the dog", "Marked no longer current, used again: helped")
    ], "held is what helped, and no trigger that came back"
    assert [(line.wording, line.outcome) for line in found.came_back] == [
        ("Payday", "Known before, marked no longer current, came up again")
    ]
    assert not found.new
    assert words(found.past) == {"Sleeping in the day"}
    assert "Sleeping in the day" not in words(found.all_lines)
    before = carry_over.compare(returning.relapse)
    assert "Known before, came up again" in {line.outcome for line in before.came_back}, "not past yet in April"


@pytest.fixture
def that_year(client_record, program, counselor):
    """In care from February 3 to May 1, 2025; “2025” is all that Robin can say of the use that followed."""
    stay = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2025, 2, 3)
    )
    learning.add_trigger(
        client=client_record,
        wording="Payday",
        first_seen_on=datetime.date(2025, 2, 10),
        first_seen_in=stay,
        by=counselor,
    )
    plan = plans.write_discharge_plan(episode=stay, by=counselor, what_helps="Mornings")
    TreatmentEpisode.objects.filter(pk=stay.pk).update(discharged_on="2025-05-01", discharge_reason="completed")
    DischargePlan.objects.filter(pk=plan.pk).update(written_at=datetime.datetime(2025, 2, 15, 15, tzinfo=datetime.UTC))
    stay.refresh_from_db()
    return stay, plan


@pytest.mark.parametrize(
    ("day", "precision", "left"), [("2025-01-01", "year", "2025-05-01"), ("2025-02-01", "month", "2025-02-20")]
)
def test_of_use_known_only_to_the_year_or_month_the_end_of_it_counts(
    that_year, counselor, program, day, precision, left
):
    """The form keeps January 1 for a year. What the stay before it taught was known; what the use taught was not."""
    stay, plan = that_year
    TreatmentEpisode.objects.filter(pk=stay.pk).update(discharged_on=left)
    relapse = relapses.record(
        client=stay.client,
        started_on=datetime.date.fromisoformat(day),
        started_precision=precision,
        triggers=["Payday", "A wedding"],
        by=counselor,
    )
    led_to = factories.TreatmentEpisodeFactory(
        client=stay.client,
        program=program,
        admitted_by=counselor,
        admitted_on=datetime.date(2025, 9, 1),
        relapse=relapse,
    )
    TreatmentEpisode.objects.filter(pk=led_to.pk).update(discharged_on="2025-11-01", discharge_reason="completed")
    late = plans.write_discharge_plan(episode=led_to, by=counselor, what_helps="Evenings")
    DischargePlan.objects.filter(pk=late.pk).update(written_at=datetime.datetime(2025, 11, 1, tzinfo=datetime.UTC))
    found = carry_over.compare(relapse)
    assert (found.episode, found.known_on, found.discharge_plan) == (stay, datetime.date.fromisoformat(left), plan)
    assert (words(found.held), words(found.came_back), words(found.new)) == (set(), {"Payday"}, {"A wedding"})


def test_a_stay_that_has_not_ended_by_then_is_the_one_it_is_compared_with(that_year, counselor):
    stay, _ = that_year
    TreatmentEpisode.objects.filter(pk=stay.pk).update(discharged_on=None, discharge_reason="")
    relapse = relapses.record(
        client=stay.client, started_on=datetime.date(2025, 1, 1), started_precision="year", by=counselor
    )
    found = carry_over.compare(relapse)
    assert (found.episode, found.known_on) == (stay, stay.admitted_on)

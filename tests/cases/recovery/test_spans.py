"""One substance among several, days that nobody is sure of, and what a stated date does to both."""

from __future__ import annotations

import datetime

import pytest
import time_machine

from cases.assessments import prefilled
from cases.codes import Precision, Substance
from cases.models import Client
from cases.panels import today_learning
from cases.recovery import overview, relapses, sobriety, spans, standings
from cases.recovery.standings import Became
from staff.models import StaffMember

D = datetime.date
NOW = datetime.datetime(2026, 11, 23, 18, tzinfo=datetime.UTC)
TODAY = D(2026, 11, 23)


@pytest.fixture(autouse=True)
def _november() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def used(client: Client, by: StaffMember, start: D, end: D | None, *substances: str, **facts: object) -> object:
    return relapses.record(client=client, started_on=start, ended_on=end, substances=substances, by=by, **facts)  # type: ignore[arg-type]


def test_a_date_stated_about_all_use_does_not_cut_the_years_without_one_substance(
    client_record: Client, counselor: StaffMember
) -> None:
    used(client_record, counselor, D(2020, 2, 1), D(2020, 3, 1), "heroin")
    used(client_record, counselor, D(2026, 6, 1), D(2026, 6, 5), "alcohol")
    sobriety.state(client=client_record, sobriety_date=D(2026, 6, 10), by=counselor)
    years = (TODAY - D(2020, 3, 2)).days
    heroin = sobriety.standing(client_record, TODAY, substance=Substance.HEROIN)
    assert (heroin.sobriety_date, heroin.recovery_days) == (D(2020, 3, 2), years)
    assert (heroin.longest_streak, heroin.lifetime_recovery_days) == (years, years)
    alcohol = sobriety.standing(client_record, TODAY, substance=Substance.ALCOHOL)
    assert (alcohol.sobriety_date, alcohol.recovery_days) == (D(2026, 6, 10), 166)  # its own use came before
    assert sobriety.standing(client_record, TODAY).recovery_days == 166
    assert {mark.label for mark in sobriety.milestones(client_record, substance=Substance.HEROIN)} >= {"6 years"}
    now = overview.of(client_record, staff_member=counselor, on=TODAY)
    lines = {each.substance: each for each in standings.by_substance(now.returns, now.statements, TODAY)}
    mark = lines[Substance.HEROIN].next_milestone
    assert mark is not None
    assert (mark.label, mark.on) == ("7 years", D(2027, 3, 2))


def test_a_substance_that_was_never_used_has_no_standing(client_record: Client, counselor: StaffMember) -> None:
    used(client_record, counselor, D(2026, 6, 1), D(2026, 6, 5), "alcohol")
    sobriety.state(client=client_record, sobriety_date=D(2026, 6, 10), by=counselor)
    never = sobriety.standing(client_record, TODAY, substance=Substance.PCP)
    assert (never.sobriety_date, never.recovery_days, never.days_since_last_use) == (None, None, None)
    assert (never.lifetime_recovery_days, never.longest_streak, never.currently_using) == (0, 0, False)
    assert sobriety.milestones(client_record, substance=Substance.PCP) == []


def test_what_is_stated_adds_the_time_before_a_substance_was_known(
    client_record: Client, counselor: StaffMember
) -> None:
    sobriety.state(client=client_record, sobriety_date=D(2025, 1, 1), by=counselor)
    used(client_record, counselor, D(2025, 5, 1), D(2025, 5, 2), "alcohol")
    sobriety.state(client=client_record, sobriety_date=D(2025, 5, 20), by=counselor)
    used(client_record, counselor, D(2026, 3, 5), D(2026, 3, 5), "cannabis")
    cannabis = sobriety.standing(client_record, D(2026, 3, 9), substance=Substance.CANNABIS)
    assert cannabis.longest_streak == (D(2026, 3, 5) - D(2025, 1, 1)).days


def test_a_date_stated_inside_the_month_of_last_use_stands_and_the_last_use_stays_about(
    client_record: Client, counselor: StaffMember
) -> None:
    used(client_record, counselor, D(2026, 6, 1), D(2026, 6, 30), "alcohol", ended_precision=Precision.MONTH)
    before = sobriety.standing(client_record, TODAY)
    assert (before.approximate, before.last_use_approximate, before.longest_approximate) == (True, True, True)
    sobriety.state(client=client_record, sobriety_date=D(2026, 6, 20), by=counselor)
    now = sobriety.standing(client_record, TODAY)
    assert (now.sobriety_date, now.recovery_days) == (D(2026, 6, 20), (TODAY - D(2026, 6, 20)).days)
    assert (now.approximate, now.last_use_approximate) == (False, True)
    assert now.longest_streak == now.recovery_days
    shown = overview.of(client_record, staff_member=counselor, on=TODAY)
    (only,) = standings.stated_dates(shown.returns, shown.statements, TODAY)
    assert only.became == Became.STANDS


def test_a_date_stated_after_the_month_does_not_make_the_last_use_exact(
    client_record: Client, counselor: StaffMember
) -> None:
    used(client_record, counselor, D(2026, 6, 1), D(2026, 6, 30), "alcohol", ended_precision=Precision.MONTH)
    sobriety.state(client=client_record, sobriety_date=D(2026, 8, 1), by=counselor)
    now = sobriety.standing(client_record, TODAY)
    assert (now.approximate, now.last_use_approximate, now.recovery_days) == (False, True, 114)


def test_days_in_all_say_about_where_one_edge_is_and_the_longest_only_where_its_own_is(
    client_record: Client, counselor: StaffMember
) -> None:
    used(client_record, counselor, D(2024, 1, 1), D(2024, 1, 2))
    used(client_record, counselor, D(2026, 1, 1), D(2026, 1, 1))
    used(client_record, counselor, D(2026, 3, 1), D(2026, 3, 4), started_precision=Precision.MONTH)
    now = sobriety.standing(client_record, TODAY)
    assert (now.lifetime_approximate, now.longest_approximate) == (True, False)
    assert (now.approximate, now.longest_streak) == (False, (D(2026, 1, 1) - D(2024, 1, 3)).days)


def test_use_that_stopped_nobody_knows_when_counts_no_days(client_record: Client, counselor: StaffMember) -> None:
    used(client_record, counselor, D(2025, 3, 1), D(2025, 3, 2), "heroin")
    row = used(
        client_record, counselor, D(2026, 3, 1), D(2026, 3, 1), "heroin", ended_precision=Precision.UNKNOWN,
        days_used=20,
    )  # fmt: skip
    now = sobriety.standing(client_record, TODAY)
    assert not now.currently_using
    assert (now.sobriety_date, now.recovery_days, now.days_since_last_use) == (None, None, None)
    assert (now.approximate, now.last_use_approximate) == (True, True)
    assert now.lifetime_recovery_days == (D(2026, 3, 1) - D(2025, 3, 3)).days  # what was lived before stays
    assert sobriety.milestones(client_record) == []
    known = prefilled(client=client_record, relapse=row)  # type: ignore[arg-type]
    assert {"days_since_opioid", "span_days"}.isdisjoint(known)
    assert (known["use_stopped"], known["use_days"]) == (True, 20)
    needs = today_learning.needs(staff_member=counselor, now=NOW)
    assert [need.title for need in needs] == ["Warn about reduced opioid tolerance"]
    sobriety.state(client=client_record, sobriety_date=D(2026, 5, 1), by=counselor)
    stated = sobriety.standing(client_record, TODAY)
    assert (stated.recovery_days, stated.days_since_last_use) == ((TODAY - D(2026, 5, 1)).days, None)
    (_, since) = spans.stretches(
        sobriety.events_of(client_record), sobriety.statements_of(client_record), TODAY
    )  # fmt: skip
    assert since.start == D(2026, 5, 1)

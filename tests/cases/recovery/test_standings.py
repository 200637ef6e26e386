"""The standing per substance, and what became of each stated sobriety date: scenarios 1 to 4, counted exactly."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.codes import Precision, Substance
from cases.models import Client, Relapse
from cases.recovery import overview, relapses, sobriety, standings
from cases.recovery.standings import Became
from staff.models import StaffMember
from tests.reading import as_read

D = datetime.date
TODAY = D(2026, 3, 9)
MARCH = datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC)


def used(client: Client, by: StaffMember, start: D, end: D | None, *substances: str, **facts: object) -> Relapse:
    return relapses.record(client=client, started_on=start, ended_on=end, substances=substances, by=by, **facts)  # type: ignore[arg-type]


def by_substance(client: Client, reader: StaffMember, on: D = TODAY) -> dict[Substance, standings.SubstanceStanding]:
    now = overview.of(client, staff_member=reader, on=on)
    found = standings.by_substance(now.returns, now.statements, on)
    for each in found:
        assert each.standing == sobriety.standing(client, on, substance=each.substance)
    return {each.substance: each for each in found}


def page(client: Client, office: Browser) -> str:
    return as_read(office.get(reverse("cases:relapses", args=[client.pk])))


def row(shown: str, substance: str) -> str:
    return shown.split(f'<th scope="row">{substance}</th>')[1].split("</tr>")[0]


@time_machine.travel(MARCH, tick=False)
def test_two_lapses_with_two_substances(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    used(client_record, counselor, D(2026, 3, 2), D(2026, 3, 2), "alcohol", "cocaine", days_used=1)
    used(client_record, counselor, D(2026, 3, 5), D(2026, 3, 5), "alcohol", days_used=1)
    found = by_substance(client_record, counselor)
    assert list(found) == [Substance.ALCOHOL, Substance.COCAINE]  # the latest last use first
    alcohol, cocaine = found[Substance.ALCOHOL], found[Substance.COCAINE]
    assert (alcohol.standing.last_use_date, alcohol.standing.days_since_last_use) == (D(2026, 3, 5), 4)
    assert (alcohol.standing.sobriety_date, alcohol.standing.recovery_days) == (D(2026, 3, 6), 3)
    assert (alcohol.standing.longest_streak, alcohol.returns) == (3, 2)  # March 6 to 8; March 3 and 4 were two
    assert (cocaine.standing.last_use_date, cocaine.standing.days_since_last_use) == (D(2026, 3, 2), 7)
    assert (cocaine.standing.longest_streak, cocaine.returns) == (6, 1)
    shown = page(client_record, signed_in(counselor))
    assert "<dt>recovery days</dt><dd>3</dd>" in shown  # over all substances, as before
    assert "Mar 5, 2026" in row(shown, "Alcohol")
    assert 'data-label="Days since last use">4</td>' in row(shown, "Alcohol")
    assert 'data-label="Days since last use">7</td>' in row(shown, "Cocaine or crack")
    assert 'data-label="Longest stretch, in days">6</td>' in row(shown, "Cocaine or crack")


def test_a_stated_date_holds_for_each_substance(client_record: Client, counselor: StaffMember) -> None:
    """As docs/recovery-dates.md promises; cocaine and alcohol of one time share what is stated after it."""
    used(client_record, counselor, D(2026, 1, 2), D(2026, 1, 2), "alcohol", "cocaine")
    used(client_record, counselor, D(2026, 1, 5), D(2026, 1, 5), "alcohol")
    sobriety.state(client=client_record, sobriety_date=D(2026, 2, 1), by=counselor)
    found = by_substance(client_record, counselor)
    whole = sobriety.standing(client_record, TODAY)
    assert (whole.sobriety_date, whole.recovery_days) == (D(2026, 2, 1), 36)
    for each in (found[Substance.ALCOHOL], found[Substance.COCAINE]):
        assert (each.standing.sobriety_date, each.standing.recovery_days) == (D(2026, 2, 1), 36)
        assert each.next_milestone.on == D(2026, 4, 2)
    assert found[Substance.COCAINE].standing.days_since_last_use == 66  # what is known of its last use stands


def test_use_of_another_substance_months_later_leaves_the_longer_time_alone(
    client_record: Client, counselor: StaffMember
) -> None:
    used(client_record, counselor, D(2025, 12, 1), D(2025, 12, 1), "cocaine")
    used(client_record, counselor, D(2026, 2, 28), D(2026, 2, 28), "alcohol")  # 89 days later: one time of use
    sobriety.state(client=client_record, sobriety_date=D(2026, 3, 3), by=counselor)
    assert by_substance(client_record, counselor)[Substance.COCAINE].standing.sobriety_date == D(2026, 3, 3)
    used(client_record, counselor, D(2026, 3, 1), D(2026, 3, 1), "alcohol")  # 90 days later: a recovery of its own
    assert by_substance(client_record, counselor)[Substance.COCAINE].standing.sobriety_date == D(2025, 12, 2)


@time_machine.travel(MARCH, tick=False)
def test_nought_days_are_never_the_first_and_largest_figure(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    """After a return to use what was lived comes first: lifetime days, the longest stretch."""
    used(client_record, counselor, D(2025, 1, 1), D(2025, 1, 1), "alcohol")
    used(client_record, counselor, D(2026, 3, 8), D(2026, 3, 8), "alcohol")
    shown = page(client_record, signed_in(counselor))
    figures = shown.split('<dl class="ow-stats recovery-stats">')[1].split("</dl>")[0]
    assert figures.index("total recovery days") < figures.index("longest stretch") < figures.index("since last use")
    assert "<dd>0</dd>" not in figures
    assert "a new stretch begins" in figures
    assert 'data-label="Recovery days">begins</td>' in row(shown, "Alcohol")
    assert ">0<" not in row(shown, "Alcohol")


def test_leap_day_keeps_its_anniversary_for_each_substance(client_record: Client, counselor: StaffMember) -> None:
    used(client_record, counselor, D(2024, 2, 20), D(2024, 2, 28), "alcohol")
    sobriety.state(client=client_record, sobriety_date=D(2024, 2, 29), by=counselor)
    marks = sobriety.milestones(client_record, substance=Substance.ALCOHOL)
    assert [mark.on for mark in marks if mark.label == "1 year"] == [D(2025, 2, 28)]
    assert {mark.label: mark.on for mark in marks}["4 years"] == D(2028, 2, 29)


def test_a_backdated_return_changes_only_its_own_substance_s_past(
    client_record: Client, counselor: StaffMember
) -> None:
    sobriety.state(client=client_record, sobriety_date=D(2025, 1, 1), by=counselor)
    used(client_record, counselor, D(2026, 3, 5), D(2026, 3, 5), "alcohol", "cannabis")
    before = by_substance(client_record, counselor)
    assert {each.standing.longest_streak for each in before.values()} == {(D(2026, 3, 5) - D(2025, 1, 1)).days}
    used(client_record, counselor, D(2025, 6, 10), D(2025, 6, 12), "alcohol")
    after = by_substance(client_record, counselor)
    assert after[Substance.CANNABIS].standing == before[Substance.CANNABIS].standing
    assert after[Substance.ALCOHOL].standing.sobriety_date == D(2026, 3, 6)
    assert after[Substance.ALCOHOL].standing.longest_streak == (D(2026, 3, 5) - D(2025, 6, 13)).days


@time_machine.travel(MARCH, tick=False)
def test_one_substance_still_used_and_one_not(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    used(client_record, counselor, D(2026, 1, 5), D(2026, 1, 8), "heroin")
    used(client_record, counselor, D(2026, 3, 5), None, "alcohol")
    found = by_substance(client_record, counselor)
    assert list(found) == [Substance.ALCOHOL, Substance.HEROIN]  # what is in use first
    alcohol, heroin = found[Substance.ALCOHOL].standing, found[Substance.HEROIN].standing
    assert (alcohol.currently_using, alcohol.days_since_last_use, alcohol.recovery_days) == (True, None, None)
    assert (heroin.currently_using, heroin.days_since_last_use) == (False, 60)
    shown = page(client_record, signed_in(counselor))
    assert "Currently using, as of last report" in row(shown, "Alcohol")
    assert 'data-label="Days since last use">–</td>' in row(shown, "Alcohol")
    assert 'data-label="Days since last use">60</td>' in row(shown, "Heroin")


@time_machine.travel(MARCH, tick=False)
def test_unconfirmed_reports_and_approximate_dates(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    used(client_record, counselor, D(2026, 3, 8), D(2026, 3, 8), "pcp", is_confirmed=False)
    used(client_record, counselor, D(2026, 1, 15), D(2026, 1, 15), "alcohol", ended_precision=Precision.MONTH)
    assert list(by_substance(client_record, counselor)) == [Substance.ALCOHOL]
    shown = row(page(client_record, signed_in(counselor)), "Alcohol")
    assert "about Jan 2026" in shown
    assert ">about 53</td>" in shown
    told = relapses.record(client=client_record, started_on=D(2025, 1, 15), ended_on=D(2025, 1, 15), by=counselor)
    assert "1 return to use with no substance recorded" in page(client_record, signed_in(counselor))
    assert list(by_substance(client_record, counselor)) == [Substance.ALCOHOL], told


@time_machine.travel(MARCH, tick=False)
def test_every_stated_date_stays_with_who_and_when_and_what_became_of_it(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    with time_machine.travel(datetime.datetime(2025, 2, 1, 16, tzinfo=datetime.UTC), tick=False):
        sobriety.state(client=client_record, sobriety_date=D(2025, 1, 1), by=supervisor)
    used(client_record, counselor, D(2025, 6, 10), D(2025, 6, 12), "alcohol")
    with time_machine.travel(datetime.datetime(2025, 8, 1, 16, tzinfo=datetime.UTC), tick=False):
        sobriety.state(client=client_record, sobriety_date=D(2025, 7, 1), by=counselor)
    sobriety.state(client=client_record, sobriety_date=D(2025, 7, 4), by=counselor)
    now = overview.of(client_record, staff_member=counselor, on=TODAY)
    found = standings.stated_dates(now.returns, now.statements, TODAY)
    assert [(each.statement.sobriety_date, each.became, each.used_on) for each in found] == [
        (D(2025, 7, 4), Became.STANDS, None),
        (D(2025, 7, 1), Became.STATED_ANEW, None),
        (D(2025, 1, 1), Became.LATER_USE, D(2025, 6, 10)),
    ]
    assert now.standing.sobriety_date == D(2025, 7, 4)
    shown = page(client_record, signed_in(counselor))
    assert "superseded by a later return to use: Jun 10, 2025" in shown
    assert "Feb 1, 2025" in row(shown, "Jan 1, 2025")
    assert str(supervisor) in row(shown, "Jan 1, 2025")


def test_use_that_began_before_and_ended_after_the_stated_date_is_later_use(
    client_record: Client, counselor: StaffMember
) -> None:
    sobriety.state(client=client_record, sobriety_date=D(2025, 6, 11), by=counselor)
    used(client_record, counselor, D(2025, 6, 10), D(2025, 6, 12), "alcohol")
    now = overview.of(client_record, staff_member=counselor, on=TODAY)
    (only,) = standings.stated_dates(now.returns, now.statements, TODAY)
    assert (only.became, only.used_on) == (Became.LATER_USE, D(2025, 6, 10))
    assert now.standing.sobriety_date == D(2025, 6, 13)


def test_the_page_costs_the_same_with_one_substance_and_with_five(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    office = signed_in(counselor)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(client_record, office)
        return len(asked)

    used(client_record, counselor, D(2025, 1, 3), D(2025, 1, 3), "alcohol")
    sobriety.state(client=client_record, sobriety_date=D(2025, 1, 4), by=counselor)
    page(client_record, office)
    before = cost()
    used(client_record, counselor, D(2025, 2, 3), D(2025, 2, 3), "alcohol", "cocaine", "pcp", "cannabis", "inhalants")
    sobriety.state(client=client_record, sobriety_date=D(2025, 2, 4), by=counselor)
    assert cost() == before

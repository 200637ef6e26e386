"""Looking back on all returns to use together: exact counts, honest words, and what is not known left out by name."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import patterns
from cases.codes import CopingOutcome, HighRiskSituation, Precision
from cases.models import Client, LevelOfCarePeriod, Relapse
from cases.patterns import InTreatment, pattern_pictures, pattern_words
from cases.patterns.relapse_summaries import Learned, Level, LookingBack, Occasion, Treatment, Try, looking_back
from cases.recovery import relapses, sobriety
from cases.recovery.sobriety import Stretch
from staff.models import Clinic, Program, StaffMember
from staff.models.clinic import CriteriaEdition, Setting
from tests import factories
from tests.reading import as_read

D = datetime.date
S = HighRiskSituation
NOW = datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC)
SISTER, WALK, PAYDAY, ROW, PHONE = (
    Learned(number, wording)
    for number, wording in enumerate(
        ("Call my sister", "Walk the canal", "Payday", "A row at home", "I stop answering calls"), start=1
    )
)


def occasion(pk: int, day: D, end: D | None = None, **facts: object) -> Occasion:
    return Occasion(pk=pk, started_on=day, ended_on=end or day, **facts)  # type: ignore[arg-type]


def back(*occasions: Occasion, treatments: tuple[Treatment, ...] | None = (), unconfirmed: int = 0) -> LookingBack:
    return LookingBack(occasions, treatments, unconfirmed)


def tried(strategy: Learned, outcome: str) -> tuple[Try, ...]:
    return (Try(strategy, CopingOutcome(outcome)),)


FOUR = back(
    occasion(
        1, D(2024, 1, 5), D(2024, 1, 7), situations=(S.CONFLICT, S.URGES), primary=S.CONFLICT, triggers=(PAYDAY,),
        tries=tried(SISTER, "helped"),
    ),
    occasion(2, D(2024, 2, 2), situations=(S.CONFLICT,), primary=S.CONFLICT, triggers=(PAYDAY, ROW), signs=(PHONE,),
             tries=tried(SISTER, "helped")),
    occasion(3, D(2024, 6, 7), D(2024, 6, 20), situations=(S.URGES,), primary=S.URGES, triggers=(PAYDAY,),
             tries=tried(SISTER, "did_not")),
    occasion(4, D(2025, 6, 15), situations=(S.CONFLICT,), signs=(PHONE,),
             tries=(*tried(SISTER, "helped"), *tried(WALK, "partly"))),
)  # fmt: skip


def test_situations_are_counted_with_how_often_each_was_the_main_one() -> None:
    found = patterns.compare(FOUR)
    assert [(each.situation, each.times, each.as_primary, each.besides) for each in found.situations] == [
        (S.CONFLICT, 3, 2, 1),
        (S.URGES, 2, 1, 1),
    ]
    assert (found.total, found.with_situation) == (4, 4)


def test_the_days_between_run_from_the_last_day_of_one_to_the_first_day_of_the_next() -> None:
    # January 8 to February 1, February 3 to June 6 of a leap year, June 21 to June 14
    assert [each.days for each in patterns.compare(FOUR).intervals] == [25, 125, 359]


def test_use_within_longer_use_and_use_that_runs_on_leave_no_days_between() -> None:
    long, within, touching, later = (
        occasion(1, D(2024, 1, 1), D(2024, 12, 31)),
        occasion(2, D(2024, 3, 1), D(2024, 3, 2)),
        occasion(3, D(2025, 1, 1)),
        occasion(4, D(2025, 1, 3)),
    )
    assert [each.days for each in patterns.intervals_of((long, within, touching, later))] == [0, 0, 1]


def test_an_interval_is_never_counted_from_a_date_that_is_not_known() -> None:
    month = occasion(1, D(2024, 1, 15), started_precision=Precision.MONTH, ended_precision=Precision.MONTH)
    year = occasion(2, D(2024, 7, 1), started_precision=Precision.YEAR, ended_precision=Precision.YEAR)
    exact = occasion(3, D(2025, 1, 10))
    assert [(each.days, each.about) for each in patterns.intervals_of((month, exact))] == [(360, True)]
    assert [each.days for each in patterns.intervals_of((month, year, exact))] == [None, None]
    going_on = dataclasses.replace(occasion(4, D(2024, 1, 1)), ended_on=None)
    assert [each.days for each in patterns.intervals_of((going_on, exact))] == [None]


def test_a_sobriety_date_stated_in_between_shortens_the_interval_as_it_does_the_streak() -> None:
    first, second = occasion(1, D(2025, 1, 1)), occasion(2, D(2025, 4, 1))
    stretches = [Stretch(D(2025, 3, 1), D(2025, 4, 1))]
    found = patterns.compare(back(first, second), stretches)
    assert [(each.days, each.since) for each in found.intervals] == [(31, D(2025, 3, 1))]
    assert found.longest == stretches[0]


def test_what_came_before_and_what_held_each_time() -> None:
    found = patterns.compare(FOUR)
    assert [(each.item, each.there, each.times) for each in found.triggers] == [
        (PAYDAY, (True, True, True, False), 3),
        (ROW, (False, True, False, False), 1),
    ]
    assert [(each.item, each.there) for each in found.signs] == [(PHONE, (False, True, False, True))]
    sister, walk = found.strategies
    assert sister.outcomes == ("helped", "helped", "did_not", "helped")
    assert (sister.helped, sister.partly, sister.did_not, sister.tries) == (3, 0, 1, 4)
    assert walk.outcomes == (None, None, None, "partly")


def test_months_and_weekdays_leave_out_what_is_not_known_and_say_so() -> None:
    unsure = (
        occasion(5, D(2023, 6, 15), started_precision=Precision.MONTH),
        occasion(6, D(2022, 7, 1), started_precision=Precision.YEAR),
        occasion(7, D(2021, 1, 1), started_precision=Precision.UNKNOWN),
    )
    found = patterns.compare(back(*FOUR.occasions, *unsure, unconfirmed=1))
    assert found.months == (1, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0)
    assert found.without_month == 2
    assert found.weekdays == (0, 0, 0, 0, 3, 0, 1)  # Jan 5, Feb 2 and Jun 7, 2024 were Fridays, Jun 15, 2025 a Sunday
    assert found.without_day == 3
    said = " ".join(pattern_words.left_out(found))
    assert "1 return to use reported but not confirmed" in said
    assert "2 returns to use with an unknown month" in said
    assert "3 returns to use with no exact first day" in said
    assert "3 returns to use with no situation recorded" in said


@pytest.mark.parametrize(
    ("day", "where", "level", "days"),
    [
        (D(2024, 1, 1), InTreatment.BEFORE, "", None),
        (D(2024, 2, 1), InTreatment.DURING, "Residential", None),
        (D(2024, 3, 1), InTreatment.DURING, "Outpatient", None),
        (D(2024, 5, 31), InTreatment.DURING, "Outpatient", None),  # the day of discharge
        (D(2024, 6, 1), InTreatment.WITHIN_30, "Outpatient", 1),
        (D(2024, 6, 30), InTreatment.WITHIN_30, "Outpatient", 30),
        (D(2024, 7, 1), InTreatment.WITHIN_90, "Outpatient", 31),
        (D(2024, 8, 29), InTreatment.WITHIN_90, "Outpatient", 90),
        (D(2024, 8, 30), InTreatment.WITHIN_365, "Outpatient", 91),
        (D(2025, 5, 31), InTreatment.WITHIN_365, "Outpatient", 365),
        (D(2025, 6, 1), InTreatment.LATER, "Outpatient", 366),
    ],
)
def test_where_in_treatment_to_the_day(day: D, where: InTreatment, level: str, days: int | None) -> None:
    levels = (Level(D(2024, 2, 1), "Residential"), Level(D(2024, 3, 1), "Outpatient"))
    found = patterns.placed_in(occasion(1, day), [Treatment(D(2024, 2, 1), D(2024, 5, 31), levels)])
    assert (found.where, found.level, found.days_after) == (where, level, days)


def test_treatment_that_a_return_to_use_led_to_is_not_where_it_happened() -> None:
    before, after = Treatment(D(2024, 1, 1), D(2024, 1, 31)), Treatment(D(2024, 2, 10), None, brought_by=9)
    assert patterns.placed_in(occasion(9, D(2024, 2, 10)), [before, after]).where is InTreatment.WITHIN_30
    assert patterns.placed_in(occasion(8, D(2024, 2, 10)), [before, after]).where is InTreatment.DURING


def test_sentences_say_what_helped_first_and_no_more_than_the_numbers() -> None:
    found = patterns.compare(FOUR, [Stretch(D(2024, 6, 21), D(2025, 6, 15))])
    assert [each.sentence for each in pattern_words.findings(found)] == [
        "What helped: “Call my sister” helped three of four times.",
        "Longest stretch without use: 359 days, from Jun 2024. It still counts.",
        "Each of the last three stretches got longer: 25, 125, then 359 days.",
        "Conflict with others played a part in three of four returns to use.",
        "“Payday” came before three of four.",
        "Three of four began on a Friday.",
    ]


def test_two_returns_to_use_are_too_few_to_say_anything() -> None:
    found = patterns.compare(back(*FOUR.occasions[:2]), [Stretch(D(2024, 1, 8), D(2024, 2, 2))])
    assert found.too_few
    assert pattern_words.findings(found) == []
    assert not patterns.compare(back(*FOUR.occasions[:3])).too_few


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        (["helped"], "tried once: helped"),
        (["helped", "did_not"], "tried twice: helped once, did not help once"),
        (["helped", "helped", "helped"], "helped every time, three of three"),
        (["helped", "partly", "did_not", "helped"], "helped two of four times, partly once"),
        (["partly", "did_not", "partly"], "helped partly two of three times"),
        (["did_not", "did_not", "did_not"], "tried three times, has not helped yet"),
    ],
)
def test_what_a_strategy_did_in_words(outcomes: list[str], words: str) -> None:
    held = patterns.Held(SISTER, tuple(CopingOutcome(each) for each in outcomes))
    assert pattern_words.what_it_did(held) == words


def test_the_weeks_after_discharge_are_named_where_half_or_more_began_there() -> None:
    left = (Treatment(D(2023, 12, 1), D(2024, 1, 1)), Treatment(D(2024, 5, 1), D(2024, 6, 1)))
    found = patterns.compare(dataclasses.replace(FOUR, treatments=left))
    assert [len(found.where(where)) for where in InTreatment] == [0, 2, 1, 0, 1, 0]
    said = [each.sentence for each in pattern_words.findings(found)]
    assert "Two of four began in the first 30 days after discharge: plan ahead for this time." in said


def test_pictures_show_the_latest_and_count_all() -> None:
    many = [occasion(number, D(2020 + number // 12, number % 12 + 1, 1), triggers=(PAYDAY,)) for number in range(14)]
    found = patterns.compare(back(*many))
    drawn = pattern_pictures.draw(found, sobriety.standing_from([], [], D(2026, 3, 9)))
    assert (len(drawn.latest), drawn.earlier, len(drawn.triggers[0].shown)) == (10, 4, 10)
    assert drawn.triggers[0].theme.times == 14
    january, february = drawn.months.columns[:2]
    assert (january.count, january.height, january.y) == (2, 72, 16)
    assert (drawn.months.columns[5].count, drawn.months.columns[5].height) == (1, 36)
    assert february.x == 28


# --- through the database and the pages ---


def told(client: Client, by: StaffMember, day: D, **facts: object) -> Relapse:
    facts = {"ended_on": day, "situations": ["conflict"], "primary_situation": "conflict", **facts}
    return relapses.record(client=client, started_on=day, by=by, **facts)  # type: ignore[arg-type]


def three(client: Client, by: StaffMember) -> None:
    told(client, by, D(2025, 1, 3), triggers=["Payday"], coping_tried=[("Call my sister", "helped")])
    told(client, by, D(2025, 6, 6), triggers=["Payday"], coping_tried=[("Call my sister", "helped")])
    told(
        client, by, D(2026, 3, 2), triggers=["A row at home"], coping_tried=[("Call my sister", "did_not")],
        emotional_state="Lonely, mostly", precipitant="Nobody had called", warning_signs=["Stopped answering"],
    )  # fmt: skip


def text(answer: object) -> str:
    return " ".join(as_read(answer).split())  # type: ignore[attr-defined]


def pages(client: Client) -> list[str]:
    return [reverse(f"cases:{name}", args=[client.pk]) for name in ("patterns", "pattern_sheet")]


def test_reading_back_what_was_recorded(client_record: Client, counselor: StaffMember, program: Program) -> None:
    episode = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=D(2025, 6, 1)
    )
    LevelOfCarePeriod.objects.create(
        episode=episode, criteria_edition=CriteriaEdition.THIRD, level_code="3.5", setting=Setting.RESIDENTIAL,
        starts_at=datetime.datetime(2025, 6, 1, 15, tzinfo=datetime.UTC), decided_by=counselor,
    )  # fmt: skip
    three(client_record, counselor)
    told(client_record, counselor, D(2025, 9, 1), is_confirmed=False)
    found = looking_back(client_record, staff_member=counselor)
    assert [each.started_on for each in found.occasions] == [D(2025, 1, 3), D(2025, 6, 6), D(2026, 3, 2)]
    assert found.unconfirmed == 1
    placed = patterns.compare(found).placed or ()
    assert [(each.where, each.level) for each in placed[:2]] == [
        (InTreatment.BEFORE, ""),
        (InTreatment.DURING, "Level 3.5, residential"),
    ]
    assert (found.occasions[2].feeling, found.occasions[2].precipitant) == ("Lonely, mostly", "Nobody had called")


@time_machine.travel(NOW, tick=False)
def test_the_page_and_the_sheet_say_the_same(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    three(client_record, counselor)
    office = signed_in(counselor)
    for address in pages(client_record):
        page = text(office.get(address))
        assert "What helped: “Call my sister” helped two of three times." in page
        assert "“Payday” came before two of three." in page
        assert "268</td>" in page  # June 7, 2025 to March 1, 2026
        assert "153</td>" in page  # January 4 to June 5, 2025
        assert "<svg" in page
        assert "<table" in page
        assert "style=" not in page
        assert "Before any treatment on record" in page
    assert "Lonely, mostly" in text(office.get(pages(client_record)[0]))


@time_machine.travel(NOW, tick=False)
def test_the_sheet_that_goes_home_names_neither_clinic_nor_person(
    client_record: Client, counselor: StaffMember, clinic: Clinic, signed_in: Callable[[StaffMember], Browser]
) -> None:
    three(client_record, counselor)
    sheet = text(signed_in(counselor).get(pages(client_record)[1]))
    assert "<title>Looking back · Onward</title>" in sheet
    for secret in (clinic.name, client_record.family_name, client_record.given_name, counselor.family_name):
        assert secret not in sheet


def test_too_few_is_said_plainly(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    office = signed_in(counselor)
    assert "No returns to use recorded" in text(office.get(pages(client_record)[0]))
    told(client_record, counselor, D(2025, 1, 3), triggers=["Payday"], emotional_state="Tired")
    page = text(office.get(pages(client_record)[0]))
    assert "Too few to see a pattern." in page
    assert "Tired" in page
    assert "Situations" not in page


def test_only_the_care_team_and_those_who_see_returns_to_use_may_look(
    client_record: Client,
    counselor: StaffMember,
    administrator: StaffMember,
    make_staff: Callable[..., StaffMember],
    other_clinic: Clinic,
    signed_in: Callable[[StaffMember], Browser],
) -> None:
    three(client_record, counselor)
    elsewhere, colleague = make_staff(clinic=other_clinic), make_staff()
    for address in pages(client_record):
        assert signed_in(elsewhere).get(address).status_code == 404
        assert signed_in(colleague).get(address).status_code == 404
        assert signed_in(administrator).get(address).status_code == 403
        assert signed_in(counselor).get(address).status_code == 200
    assert looking_back(client_record, staff_member=elsewhere).occasions == ()


def test_another_person_s_past_stays_theirs(
    client_record: Client, counselor: StaffMember, make_client: Callable[..., Client]
) -> None:
    three(client_record, counselor)
    other = make_client(counselor=counselor)
    told(other, counselor, D(2025, 2, 2), triggers=["Payday"])
    assert [each.started_on for each in looking_back(other, staff_member=counselor).occasions] == [D(2025, 2, 2)]


def test_the_pages_cost_the_same_with_one_return_and_with_six(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    office = signed_in(counselor)
    told(client_record, counselor, D(2024, 1, 3), triggers=["Payday"], warning_signs=["Phone off"],
         coping_tried=[("Call my sister", "helped")])  # fmt: skip

    def cost(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert office.get(address).status_code == 200
        return len(asked)

    office.get(pages(client_record)[0])
    before = [cost(address) for address in pages(client_record)]
    three(client_record, counselor)
    for day in (D(2025, 2, 3), D(2025, 8, 8)):
        told(client_record, counselor, day, triggers=["Loneliness"], coping_tried=[("Walk", "partly")])
    assert [cost(address) for address in pages(client_record)] == before


def test_the_way_there_from_the_returns_to_use_and_from_the_chart(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    three(client_record, counselor)
    for name in ("cases:relapses", "desk:chart"):
        assert pages(client_record)[0] in text(signed_in(counselor).get(reverse(name, args=[client_record.pk])))

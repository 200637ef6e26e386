"""The export: every code of every list, every edge of every band, a row to the letter, and the state's own codes."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.codes import DischargeReason, Route, Substance
from cases.data_set_codes import NO_SUBSTANCE, Element, Employment, LivingArrangement, Point, ReferralSource
from cases.episodes import admissions, expected_discharge
from cases.intake import inquiries
from cases.models import Client, EpisodeDataSet, StateCode, TreatmentEpisode
from cases.teds import codes, data_sets, rows
from staff.models import Clinic, Program, StaffMember
from staff.models.clinic import CriteriaEdition, Setting
from tests import factories

D = datetime.date
NOW = datetime.datetime(2026, 6, 15, 16, tzinfo=datetime.UTC)
YEAR = {"since": D(2026, 1, 1), "until": D(2026, 12, 31)}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def admit(
    client: Client, program: Program, by: StaffMember, on: D, level: str = "2.1", **more: Any
) -> TreatmentEpisode:
    return admissions.admit(client=client, program=program, level_of_care=level, admitted_on=on, by=by, **more)


def admitted(clinic: Clinic, staff_member: StaffMember, **dates: Any) -> list[dict[str, str]]:
    return list(rows.admission_rows(clinic=clinic, staff_member=staff_member, **{**YEAR, **dates}))


def discharged(clinic: Clinic, staff_member: StaffMember, **dates: Any) -> list[dict[str, str]]:
    return list(rows.discharge_rows(clinic=clinic, staff_member=staff_member, **{**YEAR, **dates}))


# --- code lists -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "choices", "last"),
    [
        (codes.PSOURCE, ReferralSource.values, 7),
        (codes.EMPLOY, Employment.values, 4),
        (codes.LIVARAG, LivingArrangement.values, 3),
        (codes.SUBSTANCE, [NO_SUBSTANCE, *Substance.values], 19),
        (codes.ROUTE, Route.values, 5),
        (codes.REASON, DischargeReason.values, 7),
    ],
)
def test_every_choice_has_a_code_and_every_code_a_choice(table: dict[str, int], choices: list[str], last: int) -> None:
    assert set(table) == set(choices)
    assert set(table.values()) == set(range(1, last + 1))


def test_each_substance_has_exactly_its_code() -> None:
    assert {str(value): code for value, code in codes.SUBSTANCE.items()} == {
        "none": 1, "alcohol": 2, "cocaine": 3, "cannabis": 4, "heroin": 5, "methadone": 6, "fentanyl": 7, "opioids": 7,
        "pcp": 8, "hallucinogens": 9, "methamphetamine": 10, "amphetamines": 11, "stimulants": 12,
        "benzodiazepines": 13, "tranquilizers": 14, "barbiturates": 15, "sedatives": 16, "inhalants": 17, "otc": 18,
        "other": 19,
    }  # fmt: skip
    assert {str(value): code for value, code in codes.ROUTE.items()} == {
        "oral": 1, "smoking": 2, "inhalation": 3, "injection": 4, "other": 5,
    }  # fmt: skip
    assert {str(value): code for value, code in codes.REASON.items()} == {
        "completed": 1, "left": 2, "ended_by_clinic": 3, "transferred": 4, "incarcerated": 5, "died": 6, "other": 7,
    }  # fmt: skip


def test_the_lists_of_circumstances_have_exactly_their_codes() -> None:
    assert {str(value): code for value, code in codes.EMPLOY.items()} == {
        "full_time": 1, "part_time": 2, "looking": 3, "laid_off": 3, "student": 4, "homemaker": 4, "retired": 4,
        "disabled": 4, "institution": 4, "not_working": 4,
    }  # fmt: skip
    assert {str(value): code for value, code in codes.LIVARAG.items()} == {
        "unsheltered": 1, "shelter": 1, "no_fixed_place": 1, "minor_at_home": 2, "foster": 2, "supervised": 2,
        "recovery_residence": 2, "institution": 2, "own_home": 3, "with_family": 3, "with_friends": 3,
    }  # fmt: skip
    assert {str(value): code for value, code in codes.PSOURCE.items()} == {
        "self": 1, "family": 1, "treatment": 2, "hospital": 3, "primary_care": 3, "mental_health": 3, "school": 4,
        "employer": 5, "social_services": 6, "shelter": 6, "mutual_help": 6, "faith": 6, "community": 6,
        "drug_court": 7, "court": 7, "probation": 7, "prison": 7, "driving": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("band", "expected"),
    [
        (codes.DAYWAIT, {0: 0, 1: 1, 7: 1, 8: 2, 14: 2, 15: 3, 30: 3, 31: 4, 400: 4}),
        (codes.NOPRIOR, {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 5, 99: 5}),
        (codes.ARRESTS, {0: 0, 1: 1, 2: 2, 30: 2}),
        (codes.FREQUENCY, {0: 1, 1: 2, 29: 2, 30: 3}),
        (codes.MEETINGS, {0: 1, 1: 2, 3: 2, 4: 3, 7: 3, 8: 4, 30: 4}),
        (
            codes.FIRST_USE,
            {0: 1, 11: 1, 12: 2, 14: 2, 15: 3, 17: 3, 18: 4, 20: 4, 21: 5, 24: 5, 25: 6, 29: 6, 30: 7, 110: 7},
        ),
    ],
)
def test_bands_at_each_edge(band: codes.Bands, expected: dict[int, int]) -> None:
    assert {number: band.code(number) for number in expected} == expected
    assert (band.code(None), band.code(-1)) == (-9, -9)
    assert set(band.codes) == set(expected.values())


def test_some_meetings_number_not_known() -> None:
    assert codes.meetings(None, some=True) == 5
    assert codes.meetings(0, some=False) == 1
    assert codes.meetings(None, some=False) == -9


def test_earlier_episodes_stop_at_five_and_are_not_made_up() -> None:
    assert [codes.prior(here, 0) for here in (0, 4, 5, 9)] == [0, 4, 5, 5]
    assert (codes.prior(2, 2), codes.prior(2, 3), codes.prior(0, 40)) == (4, 5, 5)
    assert [codes.prior(here, None) for here in (0, 4, 5)] == [-9, -9, 5]


def test_every_element_of_a_row_has_its_codes() -> None:
    assert set(codes.CODES) == set(Element)
    assert all(codes.MISSING in found for found in codes.CODES.values())


# --- rows -----------------------------------------------------------------------------------------------------------

FULL: dict[str, Any] = {
    "referral_source": "drug_court",
    "prior_elsewhere": 1,
    "medication_planned": True,
    "employment": "laid_off",
    "living": "recovery_residence",
    "arrests": 3,
    "meetings": 8,
    "substances": [
        {"substance": "fentanyl", "route": "smoking", "days_used_past_30": 30, "age_at_first_use": 24},
        {"substance": "alcohol", "route": "oral", "days_used_past_30": 12, "age_at_first_use": 11},
        "none",
    ],
}


def test_an_admission_to_the_letter(
    client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember, intake: StaffMember, clock: Any
) -> None:
    clock.move_to(datetime.datetime(2026, 3, 2, 3, tzinfo=datetime.UTC))  # 10 PM on March 1 in New York
    call = inquiries.take(by=intake, given_name="Robin", family_name="Sample")
    clock.move_to(NOW)
    inquiries.link(inquiry=call, client=client_record, by=intake)
    first = admit(client_record, program, supervisor, D(2025, 2, 3))
    admissions.discharge(episode=first, discharged_on=D(2025, 4, 3), reason="left", by=supervisor)
    episode = admit(client_record, program, supervisor, D(2026, 3, 9), inquiry=call)
    data_sets.record(episode=episode, point="admission", by=supervisor, **FULL)
    assert admitted(clinic, supervisor) == [
        {
            "CLIENT": str(client_record.pk), "EPISODE": str(episode.pk), "ADMITTED": "2026-03-09", "SERVICES": "6",
            "DAYWAIT": "2", "NOPRIOR": "2", "PSOURCE": "7", "METHUSE": "1", "EMPLOY": "3", "LIVARAG": "2",
            "ARRESTS": "2", "FREQ_ATND_SELF_HELP": "4",
            "SUB1": "7", "ROUTE1": "2", "FREQ1": "3", "FRSTUSE1": "5",
            "SUB2": "2", "ROUTE2": "1", "FREQ2": "2", "FRSTUSE2": "1",
            "SUB3": "1", "ROUTE3": "-9", "FREQ3": "-9", "FRSTUSE3": "-9",
        }
    ]  # fmt: skip


def test_a_discharge_to_the_letter(
    client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    episode = admit(client_record, program, supervisor, D(2026, 3, 9))
    data_sets.record(episode=episode, point="admission", by=supervisor, **FULL)
    episode = admissions.discharge(
        episode=episode, discharged_on=D(2026, 5, 9), reason="transferred", by=supervisor, planned=True
    )
    data_sets.record(
        episode=episode,
        point="discharge",
        by=supervisor,
        employment="part_time",
        living="own_home",
        arrests=0,
        meetings_some=True,
        substances=[{"substance": "fentanyl", "days_used_past_30": 0}, {"substance": "alcohol"}],
    )
    assert discharged(clinic, supervisor) == [
        {
            "CLIENT": str(client_record.pk), "EPISODE": str(episode.pk), "ADMITTED": "2026-03-09",
            "DISCHARGED": "2026-05-09", "REASON": "4", "SERVICES": "6", "SERVICES_D": "6", "EMPLOY": "3",
            "EMPLOY_D": "2", "LIVARAG": "2", "LIVARAG_D": "3", "ARRESTS": "2", "ARRESTS_D": "0",
            "FREQ_ATND_SELF_HELP": "4", "FREQ_ATND_SELF_HELP_D": "5",
            "SUB1": "7", "SUB1_D": "7", "FREQ1": "3", "FREQ1_D": "1",
            "SUB2": "2", "SUB2_D": "2", "FREQ2": "2", "FREQ2_D": "-9",
            "SUB3": "1", "SUB3_D": "-9", "FREQ3": "-9", "FREQ3_D": "-9",
        }
    ]  # fmt: skip


def test_what_nobody_asked_is_missing_and_never_a_no(
    client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    admit(client_record, program, supervisor, D(2026, 3, 9))
    [row] = admitted(clinic, supervisor)
    known = {"CLIENT", "EPISODE", "ADMITTED", "SERVICES"}
    assert {name for name, cell in row.items() if cell != "-9"} == known


def test_one_none_stands_for_the_places_after_it(
    client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    episode = admit(client_record, program, supervisor, D(2026, 3, 9))
    data_sets.record(episode=episode, point="admission", by=supervisor, substances=["none"])
    [row] = admitted(clinic, supervisor)
    assert (row["SUB1"], row["SUB2"], row["SUB3"], row["FREQ1"]) == ("1", "1", "1", "-9")
    data_sets.record(episode=episode, point="admission", by=supervisor, substances=["alcohol"])
    [row] = admitted(clinic, supervisor)
    assert (row["SUB1"], row["SUB2"], row["SUB3"]) == ("2", "-9", "-9")


def test_six_earlier_episodes_are_five_or_more(
    client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    for month in range(1, 7):
        before = admit(client_record, program, supervisor, D(2025, month, 1))
        admissions.discharge(episode=before, discharged_on=D(2025, month, 20), reason="left", by=supervisor)
    episode = admit(client_record, program, supervisor, D(2026, 3, 9))
    assert admissions.prior_count(episode) == 6
    assert [row["NOPRIOR"] for row in admitted(clinic, supervisor, since=D(2025, 1, 1))] == ["-9"] * 5 + ["5", "5"]
    data_sets.record(episode=before, point="admission", by=supervisor, prior_elsewhere=0)
    assert [row["NOPRIOR"] for row in admitted(clinic, supervisor, since=D(2025, 6, 1))] == ["5", "5"]


def test_both_days_of_the_range_count(
    client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    episode = admit(client_record, program, supervisor, D(2026, 3, 9))
    admissions.discharge(episode=episode, discharged_on=D(2026, 4, 9), reason="completed", by=supervisor)
    for find, day in ((admitted, D(2026, 3, 9)), (discharged, D(2026, 4, 9))):
        assert len(find(clinic, supervisor, since=day, until=day)) == 1
        assert find(clinic, supervisor, since=day + datetime.timedelta(days=1)) == []
        assert find(clinic, supervisor, until=day - datetime.timedelta(days=1)) == []


def test_only_what_the_reader_may_see(
    client_record: Client,
    make_client: Any,
    program: Program,
    clinic: Clinic,
    other_clinic: Clinic,
    supervisor: StaffMember,
    counselor: StaffMember,
    administrator: StaffMember,
    privacy_officer: StaffMember,
) -> None:
    admit(client_record, program, supervisor, D(2026, 3, 9))
    admit(make_client(), program, supervisor, D(2026, 3, 10))
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")
    assert len(admitted(clinic, supervisor)) == 2
    assert len(admitted(clinic, counselor)) == 1
    for person in (stranger, administrator, privacy_officer):
        assert admitted(clinic, person) == []
    assert admitted(other_clinic, supervisor) == []


def test_as_many_queries_for_three_rows_as_for_one(
    make_client: Any, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    counts = []
    for _ in range(3):
        episode = admit(make_client(), program, supervisor, D(2026, 3, 9))
        data_sets.record(episode=episode, point="admission", by=supervisor, **FULL)
        admissions.discharge(episode=episode, discharged_on=D(2026, 3, 19), reason="left", by=supervisor)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = admitted(clinic, supervisor), discharged(clinic, supervisor)
        counts.append((len(asked), len(found[0]), len(found[1])))
    assert counts == [(counts[0][0], number, number) for number in (1, 2, 3)]


# --- type of service ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "code"),
    [
        ("1", "7"), ("1-WM", "8"), ("2.1", "6"), ("2.5", "6"), ("2-WM", "8"), ("3.2-WM", "2"),
        ("3.7-WM", "2"), ("4", "3"), ("4-WM", "1"), ("3.1", "-9"), ("3.3", "-9"), ("3.5", "-9"), ("3.7", "-9"),
    ],
)  # fmt: skip
def test_type_of_service_of_each_level(
    level: str, code: str, client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    admit(client_record, program, supervisor, D(2026, 6, 1), level)
    assert admitted(clinic, supervisor)[0]["SERVICES"] == code


@pytest.mark.parametrize(("level", "code"), [("1.0", "7"), ("1.7", "7"), ("2.7", "6"), ("4", "3"), ("3.7 COE", "-9")])
def test_the_fourth_edition_goes_by_setting(
    level: str, code: str, client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    clinic.criteria_edition = CriteriaEdition.FOURTH
    clinic.save()
    client_record.refresh_from_db()
    admit(client_record, program, supervisor, D(2026, 6, 1), level)
    assert admitted(clinic, supervisor)[0]["SERVICES"] == code


@pytest.mark.parametrize(("last_day", "code"), [(D(2026, 4, 30), "4"), (D(2026, 5, 1), "5")])
def test_thirty_days_of_residential_care_are_short_and_one_more_is_long(
    last_day: D, code: str, client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    episode = admit(client_record, program, supervisor, D(2026, 4, 1), "3.5")
    admissions.discharge(episode=episode, discharged_on=last_day, reason="completed", by=supervisor)
    [row] = discharged(clinic, supervisor)
    assert (row["SERVICES"], row["SERVICES_D"], admitted(clinic, supervisor)[0]["SERVICES"]) == (code,) * 3


@pytest.mark.parametrize(("leaves", "code"), [(D(2026, 6, 30), "4"), (D(2026, 7, 1), "5"), (None, "-9")])
def test_a_stay_under_way_goes_by_the_day_on_which_it_is_expected_to_end(
    leaves: D | None, code: str, client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    episode = admit(client_record, program, supervisor, D(2026, 6, 1), "3.5")
    expected_discharge.expect(episode=episode, on=leaves, by=supervisor)
    assert admitted(clinic, supervisor)[0]["SERVICES"] == code


def test_a_stay_that_is_long_already_needs_no_expectation(
    client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    episode = admit(client_record, program, supervisor, D(2026, 5, 1), "3.5")
    expected_discharge.expect(episode=episode, on=D(2026, 5, 20), by=supervisor)
    assert admitted(clinic, supervisor)[0]["SERVICES"] == "5"


def test_the_days_of_neighbouring_residential_levels_add_up_and_withdrawal_management_stands_apart(
    client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    episode = admit(client_record, program, supervisor, D(2026, 3, 1), "3.7-WM")
    for level, on in (("3.7", D(2026, 3, 6)), ("3.5", D(2026, 3, 26)), ("2.1", D(2026, 4, 6))):
        admissions.change_level_of_care(
            episode=episode, level_of_care=level, starts_at=on, reason="Next", by=supervisor
        )
    assert admitted(clinic, supervisor)[0]["SERVICES"] == "2"
    admissions.discharge(episode=episode, discharged_on=D(2026, 5, 1), reason="completed", by=supervisor)
    assert discharged(clinic, supervisor)[0]["SERVICES_D"] == "6"
    periods = list(episode.level_of_care_periods.order_by("starts_at"))
    from cases.teds.service_type import service

    def of(count: int) -> int:
        return service(episode, periods[:count], at_discharge=True)

    assert [of(2), of(3)] == [4, 5]  # 20 days, then 31


def test_no_level_on_record_is_not_known(
    client_record: Client, program: Program, clinic: Clinic, supervisor: StaffMember
) -> None:
    assert program.setting == Setting.OUTPATIENT
    factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=supervisor)
    assert admitted(clinic, supervisor)[0]["SERVICES"] == "-9"


# --- days waited ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "code"), [(D(2026, 6, 15), "0"), (D(2026, 6, 14), "-9")])
def test_days_waited_are_never_below_none(
    on: D,
    code: str,
    client_record: Client,
    program: Program,
    clinic: Clinic,
    intake: StaffMember,
    supervisor: StaffMember,
) -> None:
    call = inquiries.take(by=intake, given_name="Robin")
    inquiries.link(inquiry=call, client=client_record, by=intake)
    admit(client_record, program, supervisor, on, inquiry=call)
    assert admitted(clinic, supervisor)[0]["DAYWAIT"] == code


# --- the state's own codes ------------------------------------------------------------------------------------------


def test_a_state_reads_its_own_codes_and_may_count_fentanyl_apart(
    client_record: Client,
    make_client: Any,
    program: Program,
    clinic: Clinic,
    other_clinic: Clinic,
    supervisor: StaffMember,
) -> None:
    for substance, person in (("fentanyl", client_record), ("opioids", make_client()), ("alcohol", make_client())):
        episode = admit(person, program, supervisor, D(2026, 3, 9))
        data_sets.record(episode=episode, point="admission", by=supervisor, substances=[substance])
    own = {"clinic": clinic, "element": Element.SUBSTANCE, "teds_code": 7}
    StateCode.objects.create(**own, state_code="07")
    StateCode.objects.create(**own, only_for="fentanyl", state_code="0704")
    StateCode.objects.create(clinic=clinic, element=Element.ARRESTS, teds_code=-9, state_code="99")
    StateCode.objects.create(clinic=other_clinic, element=Element.SUBSTANCE, teds_code=2, state_code="wrong")
    found = admitted(clinic, supervisor)
    assert [row["SUB1"] for row in found] == ["0704", "07", "2"]
    assert {row["ARRESTS"] for row in found} == {"99"}
    assert {row["LIVARAG"] for row in found} == {"-9"}


def test_a_state_code_for_something_that_does_not_exist_is_refused(clinic: Clinic) -> None:
    StateCode(clinic=clinic, element=Element.SUBSTANCE, teds_code=7, only_for="fentanyl", state_code="x").full_clean()
    StateCode(clinic=clinic, element=Element.SERVICES, teds_code=8, state_code="x").full_clean()
    for code, own in ((20, ""), (7, "alcohol"), (7, "glue")):
        with pytest.raises(ValidationError):
            StateCode(
                clinic=clinic, element=Element.SUBSTANCE, teds_code=code, only_for=own, state_code="x"
            ).full_clean()


def test_a_discharge_taken_back_takes_its_data_set_along(
    client_record: Client, program: Program, supervisor: StaffMember
) -> None:
    episode = admit(client_record, program, supervisor, D(2026, 3, 9))
    data_sets.record(episode=episode, point="admission", by=supervisor, employment="student")
    episode = admissions.discharge(episode=episode, discharged_on=D(2026, 6, 9), reason="left", by=supervisor)
    data_sets.record(episode=episode, point="discharge", by=supervisor, substances=["alcohol"])
    admissions.undo_discharge(episode=episode, reason="Wrong person", by=supervisor)
    assert list(EpisodeDataSet.objects.values_list("point", flat=True)) == [Point.ADMISSION]

"""The data set through its pages: recorded after an admission, completed later, taken out as a file."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.episodes import admissions
from cases.models import CareTeamMember, Client, DataSetSubstance, EpisodeDataSet, StateCode, TreatmentEpisode
from cases.panels import today
from cases.recovery import relapses
from cases.teds import data_sets
from cases.teds.rows import ADMISSION_COLUMNS
from staff.models import AuditEntry, Clinic, ClinicThreshold, Program, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests import factories
from tests.reading import as_read

D = datetime.date
NOW = datetime.datetime(2026, 6, 15, 16, tzinfo=datetime.UTC)
REPORT = "/reports/teds/"
MAY = {"point": "admission", "since": "2026-05-01", "until": "2026-05-31"}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def episode(client_record: Client, program: Program, counselor: StaffMember) -> TreatmentEpisode:
    return admissions.admit(
        client=client_record, program=program, level_of_care="1", admitted_on=D(2026, 5, 4), by=counselor
    )


def page_of(episode: TreatmentEpisode, point: str = "admission") -> str:
    return reverse("cases:data_set", args=[episode.client_id, episode.pk, point])


def text(answer: Any) -> str:
    return " ".join(as_read(answer).split())


# --- the page -------------------------------------------------------------------------------------------------------


def test_from_the_admission_to_a_complete_data_set(
    client_record: Client, program: Program, counselor: StaffMember, signed_in: Any
) -> None:
    office = signed_in(counselor)
    answer = office.post(
        reverse("cases:admit", args=[client_record.pk]),
        {"program": program.pk, "level_of_care": "1", "admitted_on": "2026-06-15"},
        follow=True,
    )
    episode = TreatmentEpisode.objects.get()
    assert page_of(episode) in text(answer)
    chart = text(office.get(reverse("desk:chart", args=[client_record.pk])))
    assert 'Admission data</a>: <span class="ow-muted">not recorded yet' in chart
    first = {"employment": "student", "substance_0": "alcohol", "days_used_past_30_0": "12"}
    answer = office.post(page_of(episode), first, follow=True)
    assert "Admission data saved. 9 answers are still missing." in text(answer)
    shown = text(office.get(page_of(episode)))
    assert "Still missing" in shown
    assert "Second substance, or “None”" in shown
    assert "alcohol: route" in shown.lower()
    rest = {
        **first,
        "referral_source": "family",
        "prior_elsewhere": "0",
        "medication_planned": "no",
        "route_0": "oral",
        "age_at_first_use_0": "15",
        "substance_1": "none",
        "living": "own_home",
        "arrests": "0",
        "meetings_some": "on",
    }
    answer = office.post(page_of(episode), rest, follow=True)
    assert "Admission data saved. It is complete." in text(answer)
    data_set = EpisodeDataSet.objects.get()
    assert data_sets.missing(data_set) == []
    assert (data_set.medication_planned, data_set.prior_elsewhere, data_set.arrests) == (False, 0, 0)
    assert list(data_set.substances.values_list("rank", "substance", "days_used_past_30", "age_at_first_use")) == [
        (1, "alcohol", 12, 15),
        (2, "none", None, None),
    ]


def test_what_was_typed_stays_and_each_fault_is_said_where_it_is(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: Any
) -> None:
    typed = {
        "employment": "laid_off",
        "arrests": "1",
        "meetings": "31",
        "substance_0": "none",
        "route_0": "oral",
        "substance_1": "heroin",
        "days_used_past_30_2": "4",
    }
    answer = signed_in(counselor).post(page_of(episode), typed)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert set(form.errors) == {"meetings", "substance_0", "substance_1", "substance_2"}
    shown = text(answer)
    assert "Your entries are still here" in shown
    assert '<option value="laid_off" selected>' in shown
    assert '<option value="heroin" selected>' in shown
    assert "Enter a whole number from 0 to 30." in shown
    assert "“None” is listed above." in shown
    assert "Choose the substance." in shown
    assert not EpisodeDataSet.objects.exists()


def test_a_first_use_later_than_the_person_is_old_is_refused_in_a_sentence(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: Any
) -> None:
    answer = signed_in(counselor).post(page_of(episode), {"substance_0": "heroin", "age_at_first_use_0": "41"})
    assert answer.status_code == 422  # born on May 17, 1985, admitted on May 4, 2026
    assert "Heroin: age at first use is 41, but the client was 40 then." in text(answer)


def test_it_begins_with_what_the_return_to_use_says(
    client_record: Client, program: Program, counselor: StaffMember, signed_in: Any
) -> None:
    back = relapses.record(
        client=client_record,
        started_on=D(2026, 4, 1),
        substances=[{"substance": "fentanyl", "route": "smoking"}],
        by=counselor,
    )
    episode = admissions.admit(
        client=client_record, program=program, level_of_care="1", admitted_on=D(2026, 5, 4), relapse=back, by=counselor
    )
    answer = signed_in(counselor).get(page_of(episode))
    assert "Filled in from the record" in text(answer)
    assert answer.context["form"]["substance_0"].value() == "fentanyl"
    assert answer.context["form"]["route_0"].value() == "smoking"
    assert not EpisodeDataSet.objects.exists()


def test_the_discharge_has_its_own_after_the_discharge_only(
    episode: TreatmentEpisode, counselor: StaffMember, signed_in: Any
) -> None:
    office = signed_in(counselor)
    assert "This episode is still open." in text(office.get(page_of(episode, "discharge"), follow=True))
    office.post(page_of(episode, "discharge"), {"employment": "student"})
    assert not EpisodeDataSet.objects.exists()
    answer = office.post(
        reverse("cases:discharge", args=[episode.client_id, episode.pk]),
        {"discharged_on": "2026-06-10", "reason": "completed", "planned": "yes"},
        follow=True,
    )
    assert page_of(episode, "discharge") in text(answer)
    form = office.get(page_of(episode, "discharge")).context["form"]
    assert not {"referral_source", "prior_elsewhere", "medication_planned", "route_0"} & set(form.fields)
    office.post(page_of(episode, "discharge"), {"substance_0": "alcohol", "days_used_past_30_0": "0", "arrests": "0"})
    recorded = EpisodeDataSet.objects.get(point="discharge")
    assert data_sets.missing(recorded) == [
        "second substance, or “None”",
        "employment",
        "living arrangement",
        "mutual-help meetings in the past 30 days",
    ]


def test_another_clinics_and_another_team_s_data_set_is_not_there(
    episode: TreatmentEpisode,
    other_clinic: Clinic,
    make_staff: Any,
    counselor: StaffMember,
    signed_in: Any,
) -> None:
    data_sets.record(episode=episode, point="admission", by=counselor, employment="laid_off")
    for stranger in (factories.StaffMemberFactory(clinic=other_clinic, role="supervisor"), make_staff("counselor")):
        browser = signed_in(stranger)
        assert browser.get(page_of(episode)).status_code == 404
        assert browser.post(page_of(episode), {"employment": "student"}).status_code == 404
        with pytest.raises(NotPermitted):
            data_sets.record(episode=episode, point="admission", by=stranger, employment="student")
    assert EpisodeDataSet.objects.get().employment == "laid_off"
    other = factories.ClientFactory(clinic=episode.client.clinic, counselor=counselor)
    mismatched = reverse("cases:data_set", args=[other.pk, episode.pk, "admission"])
    assert signed_in(counselor).get(mismatched).status_code == 404
    assert signed_in(counselor).get(page_of(episode, "halfway")).status_code == 404


def test_who_may_only_read_it_cannot_write_it(
    episode: TreatmentEpisode,
    counselor: StaffMember,
    intake: StaffMember,
    medical: StaffMember,
    privacy_officer: StaffMember,
    signed_in: Any,
) -> None:
    data_sets.record(episode=episode, point="admission", by=counselor, employment="laid_off")
    desk = signed_in(intake)
    shown = text(desk.get(page_of(episode)))
    assert "disabled" in shown
    assert "Save</button>" not in shown
    assert desk.post(page_of(episode), {"employment": "student"}).status_code == 403
    assert signed_in(privacy_officer).get(page_of(episode)).status_code == 403
    assert signed_in(medical).post(page_of(episode), {"employment": "retired"}).status_code == 302
    admissions.discharge(episode=episode, discharged_on=D(2026, 6, 10), reason="left", by=counselor)
    assert signed_in(medical).post(page_of(episode, "discharge"), {}).status_code == 403
    assert EpisodeDataSet.objects.get().employment == "retired"


def test_recording_again_replaces_and_the_history_keeps_what_stood(
    episode: TreatmentEpisode, counselor: StaffMember, supervisor: StaffMember
) -> None:
    data_sets.record(episode=episode, point="admission", by=counselor, arrests=2, substances=["heroin", "alcohol"])
    data_sets.record(episode=episode, point="admission", by=supervisor, substances=["alcohol", "heroin", "none"])
    data_set = EpisodeDataSet.objects.get()
    assert (data_set.arrests, data_set.recorded_by) == (None, supervisor)
    assert list(data_set.substances.values_list("substance", flat=True)) == ["alcohol", "heroin", "none"]
    history = EpisodeDataSet.pgh_event_model.objects.order_by("pgh_id")
    assert list(history.values_list("arrests", "recorded_by")) == [(2, counselor.pk), (None, supervisor.pk)]
    audited = AuditEntry.objects.filter(act="cases.record_data_set").order_by("pk")
    assert [(entry.staff_member, entry.client_id, entry.details["is_new"]) for entry in audited] == [
        (counselor, episode.client_id, True),
        (supervisor, episode.client_id, False),
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {"arrests": -1},
        {"meetings": 31},
        {"meetings": 3, "meetings_some": True},
        {"prior_elsewhere": 100},
        {"employment": "astronaut"},
        {"substances": ["glue"]},
        {"substances": ["alcohol", "alcohol"]},
        {"substances": ["none", "alcohol"]},
        {"substances": ["alcohol", "heroin", "cocaine", "cannabis"]},
        {"substances": [{"substance": "none", "days_used_past_30": 0}]},
        {"substances": [{"substance": "alcohol", "days_used_past_30": 31}]},
        {"substances": [{"substance": "alcohol", "age_at_first_use": 111}]},
        {"substances": [{"substance": "alcohol", "route": "by post"}]},
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    facts: dict[str, Any], episode: TreatmentEpisode, counselor: StaffMember
) -> None:
    with pytest.raises(Refusal) as refused:
        data_sets.record(episode=episode, point="admission", by=counselor, **facts)
    assert str(refused.value).endswith(".")
    assert not EpisodeDataSet.objects.exists()


def test_the_discharge_takes_nothing_of_the_admission(episode: TreatmentEpisode, counselor: StaffMember) -> None:
    with pytest.raises(data_sets.StillInCare):
        data_sets.record(episode=episode, point="discharge", by=counselor)
    done = admissions.discharge(episode=episode, discharged_on=D(2026, 6, 10), reason="left", by=counselor)
    with pytest.raises(data_sets.AskedOnAdmissionOnly):
        data_sets.record(episode=done, point="discharge", by=counselor, prior_elsewhere=0)
    with pytest.raises(TypeError):
        data_sets.record(episode=done, point="discharge", by=counselor, shoe_size=43)


# --- the database ---------------------------------------------------------------------------------------------------


def broken(name: str, make: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


def test_the_database_refuses_it_too(episode: TreatmentEpisode, counselor: StaffMember) -> None:
    data_set = EpisodeDataSet.objects.create(episode=episode, point="admission", recorded_by=counselor)

    def again(**facts: Any) -> Any:
        return lambda: EpisodeDataSet.objects.filter(pk=data_set.pk).update(**facts)

    broken("data_set_once_per_point", lambda: EpisodeDataSet.objects.create(
        episode=episode, point="admission", recorded_by=counselor
    ))  # fmt: skip
    broken("data_set_point", again(point="halfway"))
    broken("data_set_meetings_0_to_30", again(meetings=31))
    broken("data_set_meetings_number_or_some", again(meetings=0, meetings_some=True))
    broken("data_set_arrests", again(arrests=100))
    broken("data_set_prior_elsewhere", again(prior_elsewhere=100))
    for fact in ({"referral_source": "self"}, {"prior_elsewhere": 0}, {"medication_planned": False}):
        broken("data_set_admission_only", again(point="discharge", **fact))

    def add(rank: int, substance: str = "alcohol", **more: Any) -> Any:
        return lambda: DataSetSubstance.objects.create(data_set=data_set, rank=rank, substance=substance, **more)

    broken("data_set_rank_1_to_3", add(0))
    broken("data_set_rank_1_to_3", add(4))
    broken("data_set_substance_known", add(1, "glue"))
    broken("data_set_days_0_to_30", add(1, days_used_past_30=31))
    broken("data_set_age_0_to_110", add(1, age_at_first_use=111))
    broken("data_set_none_has_no_details", add(1, "none", route="oral"))
    broken("data_set_none_has_no_details", add(1, "none", days_used_past_30=0))
    add(2, "none")()
    broken("data_set_nothing_after_none", add(3))
    add(1, days_used_past_30=30, age_at_first_use=0)()
    broken("data_set_rank_once|data_set_nothing_after_none", add(1, "heroin"))
    DataSetSubstance.objects.filter(rank=2).delete()
    broken("data_set_substance_once", add(2))


# --- today ----------------------------------------------------------------------------------------------------------


def titles(staff_member: StaffMember) -> list[tuple[str, str]]:
    found = today.needs(staff_member=staff_member, now=datetime.datetime.now(datetime.UTC))
    return [(need.title, need.detail) for need in found if need.kind == "TEDS data"]


def test_the_primary_counselor_is_reminded_after_five_days(
    episode: TreatmentEpisode, counselor: StaffMember, supervisor: StaffMember, make_staff: Any, clock: Any
) -> None:
    second = make_staff("counselor")
    factories.CareTeamMemberFactory(client=episode.client, staff_member=second, part=CareTeamMember.Part.COUNSELOR)
    clock.move_to(datetime.datetime(2026, 5, 9, 3, 59, tzinfo=datetime.UTC))  # May 8 in New York, the fourth day
    assert titles(counselor) == []
    clock.move_to(datetime.datetime(2026, 5, 9, 4, 1, tzinfo=datetime.UTC))
    assert titles(counselor) == [("Record admission data", "Outpatient, admitted May 4")]
    assert titles(second) == titles(supervisor) == []
    ClinicThreshold.objects.create(clinic=episode.client.clinic, key="cases.data_set_days", value=6, reason="Agreed")
    assert titles(counselor) == []
    clock.move_to(NOW)
    assert len(titles(counselor)) == 1
    data_sets.record(episode=episode, point="admission", by=counselor)
    assert titles(counselor) == []


def test_nobody_is_reminded_of_somebody_who_has_left(episode: TreatmentEpisode, counselor: StaffMember) -> None:
    admissions.discharge(episode=episode, discharged_on=D(2026, 6, 10), reason="left", by=counselor)
    assert titles(counselor) == []


# --- the file -------------------------------------------------------------------------------------------------------


def test_the_file_holds_numbers_and_no_name_and_leaves_a_line_in_the_audit_log(
    episode: TreatmentEpisode, counselor: StaffMember, supervisor: StaffMember, clinic: Clinic, signed_in: Any
) -> None:
    data_sets.record(episode=episode, point="admission", by=counselor, arrests=4, substances=["fentanyl", "none"])
    StateCode.objects.create(clinic=clinic, element="SUB", teds_code=7, only_for="fentanyl", state_code="0704")
    office = signed_in(supervisor)
    shown = text(office.get(REPORT, MAY))
    assert "Download file (CSV)" in shown
    assert page_of(episode) in shown
    assert "Robin" not in shown
    assert not AuditEntry.objects.filter(act="cases.export_teds").exists()
    answer = office.post(REPORT, MAY)
    assert answer.streaming
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"] == 'attachment; filename="teds-admission-2026-05-01-2026-05-31.csv"'
    body = b"".join(answer).decode()
    assert "Robin" not in body
    assert "Sample" not in body
    heading, row = csv.reader(io.StringIO(body))
    assert tuple(heading) == ADMISSION_COLUMNS
    assert ",".join(row) == (
        f"{episode.client_id},{episode.pk},2026-05-04,7,-9,-9,-9,-9,-9,-9,2,-9,0704,-9,-9,-9,1,-9,-9,-9,1,-9,-9,-9"
    )
    [entry] = AuditEntry.objects.filter(act="cases.export_teds")
    assert entry.staff_member == supervisor
    assert entry.details == {**MAY, "rows": 1, "clients": [episode.client_id]}


def test_the_page_says_what_to_complete_first(
    episode: TreatmentEpisode, make_client: Any, program: Program, supervisor: StaffMember, signed_in: Any
) -> None:
    data_sets.record(episode=episode, point="admission", by=supervisor, arrests=4)
    admissions.admit(
        client=make_client(), program=program, level_of_care="1", admitted_on=D(2026, 5, 20), by=supervisor
    )
    found = signed_in(supervisor).get(REPORT, MAY).context["found"]
    assert (found.rows, found.complete, found.in_part, found.not_recorded) == (2, 0, 1, 1)
    assert [each.is_recorded for each in found.unfinished] == [False, True]
    usual = signed_in(supervisor).get(REPORT).context["form"].cleaned_data
    assert (usual["since"], usual["until"]) == (D(2026, 5, 1), D(2026, 5, 31))


def test_dates_that_make_no_sense_are_said_and_no_file_is_given(supervisor: StaffMember, signed_in: Any) -> None:
    office = signed_in(supervisor)
    for wrong in ({**MAY, "until": "2026-04-30"}, {**MAY, "since": "soon"}, {**MAY, "point": "halfway"}):
        answer = office.post(REPORT, wrong)
        assert answer.status_code == 422
        assert not answer.streaming
    assert not AuditEntry.objects.filter(act="cases.export_teds").exists()


def test_another_clinics_people_are_in_no_file_of_ours(
    episode: TreatmentEpisode, other_clinic: Clinic, signed_in: Any
) -> None:
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")
    assert len(b"".join(signed_in(stranger).post(REPORT, MAY)).decode().splitlines()) == 1
    assert AuditEntry.objects.get(act="cases.export_teds").details["clients"] == []


def test_only_who_may_see_reports_and_episodes_takes_the_file(
    counselor: StaffMember,
    intake: StaffMember,
    medical: StaffMember,
    administrator: StaffMember,
    privacy_officer: StaffMember,
    supervisor: StaffMember,
    signed_in: Any,
) -> None:
    for person in (counselor, intake, medical, administrator, privacy_officer):
        browser = signed_in(person)
        assert (browser.get(REPORT).status_code, browser.post(REPORT, MAY).status_code) == (403, 403)
        assert REPORT not in text(browser.get("/"))
    assert REPORT in text(signed_in(supervisor).get("/"))


def test_the_page_asks_as_much_for_three_rows_as_for_one(
    make_client: Any, program: Program, supervisor: StaffMember, signed_in: Any
) -> None:
    office = signed_in(supervisor)
    office.get(REPORT, MAY)
    counts = []
    for _ in range(3):
        episode = admissions.admit(
            client=make_client(), program=program, level_of_care="1", admitted_on=D(2026, 5, 20), by=supervisor
        )
        data_sets.record(episode=episode, point="admission", by=supervisor, substances=["alcohol"])
        with CaptureQueriesContext(connection) as asked:
            office.get(REPORT, MAY)
        counts.append(len(asked))
    assert len(set(counts)) == 1


def test_an_administrator_keeps_the_codes_of_the_state(
    administrator: StaffMember, other_clinic: Clinic, clinic: Clinic, signed_in: Any
) -> None:
    desk = signed_in(administrator)
    add = reverse("admin:cases_statecode_add")
    typed = {"element": "SUB", "teds_code": "7", "only_for": "fentanyl", "state_code": "0704"}
    assert desk.post(add, typed).status_code == 302
    assert StateCode.objects.get().clinic == clinic
    assert "A state code for this already exists." in text(desk.post(add, typed))
    assert "Values with this code: fentanyl, opioids." in text(desk.post(add, {**typed, "only_for": "alcohol"}))
    assert StateCode.objects.count() == 1
    foreign = StateCode.objects.create(clinic=other_clinic, element="SUB", teds_code=7, state_code="x")
    changing = desk.get(reverse("admin:cases_statecode_change", args=[foreign.pk]))
    assert changing.status_code in {302, 404}

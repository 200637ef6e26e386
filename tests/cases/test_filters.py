"""The filters above clients and closed inquiries, over rows of two clinics."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from cases.intake import inquiries
from cases.models import Inquiry
from staff.models import Clinic, Program, Role, StaffMember
from tests import factories

SignIn = Callable[[StaffMember], Browser]


@pytest.fixture
def programs(clinic: Clinic, program: Program, other_clinic: Clinic, supervisor: StaffMember) -> dict[str, Program]:
    """Three clients here: in care in one program, in the other, in none; the same in the other clinic."""
    found = {}
    for place, where in (("Here", clinic), ("Theirs", other_clinic)):
        by = supervisor if where == clinic else factories.StaffMemberFactory(clinic=where)
        for name in ("Outpatient", "Residence"):
            found[f"{place} {name}"] = each = factories.ProgramFactory(clinic=where, name=f"{place} {name}")
            client = factories.ClientFactory(clinic=where, given_name=place, family_name=name, counselor=by)
            factories.TreatmentEpisodeFactory(client=client, program=each, admitted_by=by)
        factories.ClientFactory(clinic=where, given_name=place, family_name="Nowhere")
    own = factories.ClientFactory(clinic=clinic, given_name="Here", family_name="Discharged", counselor=supervisor)
    ended = {"discharged_on": datetime.date(2026, 2, 1), "discharge_reason": "completed", "discharged_by": supervisor}
    factories.TreatmentEpisodeFactory(client=own, program=found["Here Outpatient"], admitted_by=supervisor, **ended)
    return found


def clients(desk: Browser, **asked: Any) -> set[str]:
    answer = desk.get(reverse("cases:clients"), asked)
    assert answer.status_code == 200
    rows = answer.context["page"].clients
    assert all(client.given_name == "Here" for client in rows)
    return {client.family_name for client in rows}


def test_each_filter_narrows_the_own_clinics_clients_only(
    programs: dict[str, Program], supervisor: StaffMember, signed_in: SignIn
) -> None:
    desk = signed_in(supervisor)
    everybody = {"Outpatient", "Residence", "Nowhere", "Discharged"}
    assert clients(desk) == everybody
    assert clients(desk, program=programs["Here Outpatient"].pk) == {"Outpatient"}
    assert clients(desk, care="open") == {"Outpatient", "Residence"}
    assert clients(desk, care="none") == {"Nowhere", "Discharged"}
    assert clients(desk, mine="on") == everybody - {"Nowhere"}
    assert clients(desk, mine="on", care="none") == {"Discharged"}


def test_a_bad_value_is_said_and_the_others_still_narrow(
    programs: dict[str, Program], supervisor: StaffMember, signed_in: SignIn
) -> None:
    desk = signed_in(supervisor)
    for name, wrong in (
        ("program", programs["Theirs Outpatient"].pk),
        ("program", "²"),
        ("program", "9" * 5000),
        ("care", "?"),
    ):
        assert len(clients(desk, **{name: wrong})) == 4
        assert clients(desk, mine="on", **{name: wrong}) == {"Outpatient", "Residence", "Discharged"}
        answer = desk.get(reverse("cases:clients"), {name: wrong})
        assert answer.context["filters"].errors.keys() == {name}
        assert "Theirs Outpatient" not in answer.content.decode()


def test_closed_inquiries_of_the_own_clinic_only(intake: StaffMember, other_clinic: Clinic, signed_in: SignIn) -> None:
    theirs = factories.StaffMemberFactory(clinic=other_clinic, role=Role.INTAKE_COORDINATOR)
    for by, place in ((intake, "Here"), (theirs, "Theirs")):
        for day, stage in ((8, Inquiry.Stage.CLOSED), (9, Inquiry.Stage.REFERRED)):
            taken = inquiries.take(by=by, given_name=f"{place}{day}")
            inquiries.move(inquiry=taken, stage=stage, reason="Found help nearer home", by=by)
            at = datetime.datetime(2026, 1, day, 23, 30, tzinfo=by.clinic.zone)
            Inquiry.objects.filter(pk=taken.pk).update(taken_at=at)
    desk, url = signed_in(intake), reverse("cases:inquiries_ended")

    def shown(**asked: str) -> list[str]:
        answer = desk.get(url, asked)
        assert answer.status_code == 200
        return sorted(each.given_name for each in answer.context["page"].inquiries)

    assert shown() == ["Here8", "Here9"]
    assert shown(stage="referred") == ["Here9"]
    assert shown(since="2026-01-09") == ["Here9"]
    assert shown(until="2026-01-08") == ["Here8"]
    for wrong in ("0000-00-00", "9999-12-31", "²"):
        assert shown(until=wrong, stage="closed") == ["Here8"]
        assert desk.get(url, {"until": wrong}).context["filters"].errors.keys() == {"until"}
    assert shown(stage="²", since="2026-01-09") == ["Here9"]

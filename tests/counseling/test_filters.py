"""The filters above a chart's notes and the worklist, over notes of other people and clinics."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.models import Client, TreatmentEpisode
from counseling import notes, signing
from counseling.models import SessionNote
from staff.models import Clinic, Program, StaffMember
from tests import factories

SignIn = Callable[[StaffMember], Browser]


def written(episode: TreatmentEpisode, by: StaffMember, plan: str) -> SessionNote:
    begun = timezone.now() - datetime.timedelta(hours=2)
    return notes.start(client=episode.client, episode=episode, by=by, session_started_at=begun, sections={"plan": plan})


@pytest.fixture
def chart(
    client_record: Client, program: Program, counselor: StaffMember, medical: StaffMember, other_clinic: Clinic
) -> dict[str, Any]:
    first = factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)
    second = factories.TreatmentEpisodeFactory(
        client=client_record, program=factories.ProgramFactory(clinic=program.clinic), admitted_by=counselor
    )
    factories.CareTeamMemberFactory(client=client_record, staff_member=medical)
    theirs = factories.StaffMemberFactory(clinic=other_clinic)
    stranger = factories.ClientFactory(clinic=other_clinic, counselor=theirs, family_name="Sample")
    elsewhere = factories.TreatmentEpisodeFactory(client=stranger, admitted_by=theirs)
    signing.sign(note=written(elsewhere, theirs, "Payday again"), by=theirs)
    payday, calm = written(first, counselor, "Payday is hard."), written(second, medical, "A calm week.")
    for note in (payday, calm):
        signing.sign(note=note, by=note.author)
    return {
        "payday": payday,
        "calm": calm,
        "first": first,
        "elsewhere": elsewhere,
    }


def shown(desk: Browser, chart: dict[str, Any], **asked: Any) -> set[str]:
    answer = desk.get(reverse("counseling:notes", args=[chart["first"].client_id]), asked)
    assert answer.status_code == 200
    names = {chart[name].pk: name for name in ("payday", "calm")}
    return {names[note.pk] for note in answer.context["notes"]}


def test_each_filter_narrows_the_charts_own_notes(
    chart: dict[str, Any], supervisor: StaffMember, medical: StaffMember, signed_in: SignIn
) -> None:
    desk, both = signed_in(supervisor), {"payday", "calm"}
    for asked, found in (
        ({}, both),
        ({"q": "payday"}, {"payday"}),
        ({"episode": chart["first"].pk}, {"payday"}),
        ({"author": medical.pk}, {"calm"}),
        ({"format": chart["calm"].format}, both),
        ({"q": "payday", "author": medical.pk}, set()),
    ):
        assert shown(desk, chart, **asked) == found, asked


def test_what_is_of_another_clinic_is_no_choice_and_narrows_nothing(
    chart: dict[str, Any], supervisor: StaffMember, signed_in: SignIn
) -> None:
    desk = signed_in(supervisor)
    for name, wrong in (
        ("episode", chart["elsewhere"].pk),
        ("author", chart["elsewhere"].admitted_by_id),
        ("episode", "9" * 5000),
        ("author", "²"),
        ("format", "x"),
    ):
        assert shown(desk, chart, **{name: wrong}) == {"payday", "calm"}
        assert shown(desk, chart, q="payday", **{name: wrong}) == {"payday"}
        address = reverse("counseling:notes", args=[chart["first"].client_id])
        assert desk.get(address, {name: wrong}).context["filters"].errors.keys() == {name}


def test_beside_the_editor_the_same_filters_narrow(
    chart: dict[str, Any], medical: StaffMember, signed_in: SignIn
) -> None:
    note = written(chart["first"], medical, "Go on.")
    address = reverse("counseling:earlier", args=[note.client_id, note.pk])
    desk, payday, calm = signed_in(medical), chart["payday"].pk, chart["calm"].pk

    def found(**asked: Any) -> set[int]:
        answer = desk.get(address, asked, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return {each.pk for each in answer.context["earlier"]}

    assert found() == found(episode="²") == found(author=chart["elsewhere"].admitted_by_id) == {payday, calm}
    assert found(q="payday") == found(episode=chart["first"].pk) == {payday}
    assert found(author=medical.pk) == {calm}


def test_the_worklist_is_narrowed_to_own_notes_only(
    chart: dict[str, Any], counselor: StaffMember, make_client: Callable[..., Client], program: Program,
    signed_in: SignIn,
) -> None:  # fmt: skip
    other = make_client(counselor=counselor, given_name="Marisol", family_name="Otherly")
    stay = factories.TreatmentEpisodeFactory(client=other, program=program, admitted_by=counselor)
    own = {written(chart["first"], counselor, "Go on.").pk: "Sample", written(stay, counselor, "On.").pk: "Otherly"}
    written(chart["elsewhere"], chart["elsewhere"].admitted_by, "Theirs.")
    desk, address = signed_in(counselor), reverse("counseling:worklist")

    def found(words: str) -> set[str]:
        answer = desk.get(address, {"q": words, "drafts": "²"})
        assert answer.status_code == 200
        return {own[line["note"].pk] for line in answer.context["drafts"]["notes"]}

    assert found("") == {"Sample", "Otherly"}
    assert found("sample") == {"Sample", "Otherly"}  # the writer's name begins so, too
    assert found("robin") == {"Sample"}
    assert found("marisol oth") == {"Otherly"}
    assert found("nobody") == set()

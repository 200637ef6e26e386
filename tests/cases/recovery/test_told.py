"""What was told anywhere is in what was learned, to confirm: the one owner is cases/recovery/told.py."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import CopingStrategy, ToldDeclined, Trigger
from cases.models.recovery.learning import LearnedKind
from cases.recovery import learning, relapses, told
from counseling import notes, plans, signing
from counseling.notes import mentions
from staff.refusals import NotPermitted
from tests import factories

D = datetime.date


@pytest.fixture
def episode(client_record, program, counselor):
    return factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=D(2026, 3, 10)
    )


@pytest.fixture
def slip(client_record, counselor):
    return relapses.record(
        client=client_record,
        started_on=D(2026, 3, 2),
        ended_on=D(2026, 3, 2),
        worked_before="Walking the canal path\nCalling my sister.",
        learned="Telling one person kept it to a day",
        precipitant="A fight about money",
        by=counselor,
    )


def waiting(client, by, kind="strategy"):
    found = told.to_confirm(client, told.said(client, staff_member=by))[LearnedKind(kind)]
    return {each.wording: each.where for each in found}


def test_a_return_to_use_tells_what_worked_before(client_record, counselor, slip):
    assert waiting(client_record, counselor) == {
        "Walking the canal path": "Return to use of Mar 2, 2026: what had been working",
        "Calling my sister.": "Return to use of Mar 2, 2026: what had been working",
        "Telling one person kept it to a day": "Return to use of Mar 2, 2026: what was learned",
    }
    assert list(waiting(client_record, counselor, "trigger")) == ["A fight about money"]
    assert not CopingStrategy.objects.exists(), "nothing is copied before it is confirmed"


def test_plans_tell_signs_situations_and_what_helps(client_record, counselor, episode):
    plans.write_safety_plan(
        episode=episode, by=counselor, warning_signs="I stop answering", internal_coping="Breathe out slowly"
    )
    plans.write_discharge_plan(
        episode=episode, by=counselor, what_helps="The noon meeting", high_risk_situations="Payday"
    )
    assert list(waiting(client_record, counselor, "sign")) == ["I stop answering"]
    assert list(waiting(client_record, counselor, "trigger")) == ["Payday"]
    assert set(waiting(client_record, counselor)) == {"Breathe out slowly", "The noon meeting"}


def test_what_is_known_or_declined_is_told_no_more(client_record, counselor, slip):
    learning.add_strategy(client=client_record, wording="calling my sister", by=counselor)
    assert "Calling my sister." not in waiting(client_record, counselor), "the same in other letters"
    keys = {each.wording: each.key for each in told.said(client_record, staff_member=counselor)}
    row = told.confirm(client=client_record, key=keys["Walking the canal path"], by=counselor)
    assert (row.wording, row.first_seen_on, row.recorded_by) == ("Walking the canal path", D(2026, 3, 2), counselor)
    out = told.decline(client=client_record, key=keys["Telling one person kept it to a day"], by=counselor)
    assert (out.declined_by, out.kind) == (counselor, "strategy")
    assert waiting(client_record, counselor) == {}
    with pytest.raises(told.NotTold):
        told.confirm(client=client_record, key=keys["Walking the canal path"], by=counselor)


def test_what_was_voided_or_not_confirmed_tells_nothing(client_record, counselor, slip):
    relapses.record(
        client=client_record, started_on=D(2026, 2, 2), is_confirmed=False, worked_before="Hearsay", by=counselor
    )
    relapses.void(relapse=slip, reason="Another person", by=counselor)
    assert waiting(client_record, counselor) == {}


def test_the_page_and_the_overview_say_it_and_take_one_click(client_record, counselor, slip, signed_in):
    office = signed_in(counselor)
    at = reverse("cases:relapses", args=[client_record.pk])
    page = office.get(at).content.decode()
    assert "No coping strategies yet." not in page
    assert "Walking the canal path" in page
    assert "Reported, to confirm with Robin" in page
    overview = office.get(reverse("desk:chart", args=[client_record.pk])).content.decode()
    assert "No triggers or coping strategies recorded yet." not in overview
    assert "Walking the canal path" in overview
    assert "to confirm" in overview
    keys = {each.wording: each.key for each in told.said(client_record, staff_member=counselor)}
    settle = {name: reverse("cases:told_settle", args=[client_record.pk, key]) for name, key in keys.items()}
    office.post(settle["Walking the canal path"], {"confirm": "1"})
    office.post(settle["A fight about money"], {"decline": "1"})
    assert CopingStrategy.objects.get().wording == "Walking the canal path"
    assert ToldDeclined.objects.get().wording == "A fight about money"
    assert not Trigger.objects.exists()
    again = office.post(settle["A fight about money"], {"confirm": "1"}, follow=True).content.decode()
    assert "already handled" in again


def test_a_trigger_linked_in_a_signed_note_is_on_the_overview(client_record, counselor, episode, signed_in):
    for place in range(4):
        relapses.record(
            client=client_record, started_on=D(2026, 1, 1 + place), ended_on=D(2026, 1, 1 + place),
            triggers=[f"Known before {number}" for number in range(4)], by=counselor,
        )  # fmt: skip
    now = timezone.now()
    draft = notes.start(
        client=client_record, episode=episode, by=counselor,
        session_started_at=now - datetime.timedelta(hours=2), session_ended_at=now - datetime.timedelta(hours=1),
        sections={"subjective": "The late bus again.", "objective": "x", "assessment": "x", "plan": "Call on Friday."},
    )  # fmt: skip
    mentions.link(note=draft, kind="trigger", what="The late bus", quote="It was the late bus again.", by=counselor)
    office, at = signed_in(counselor), reverse("desk:chart", args=[client_record.pk])
    assert "Note of" not in office.get(at).content.decode(), "not before it is signed"
    signing.sign(note=draft, by=counselor)
    page = office.get(at).content.decode()
    assert "The late bus" in page
    assert "came up:" in page


def test_the_pattern_page_says_what_held(client_record, counselor, slip, signed_in):
    relapses.record(
        client=client_record, started_on=D(2026, 1, 2), ended_on=D(2026, 1, 2),
        coping_tried=[("The noon meeting", "helped"), ("Staying in bed", "did_not")], by=counselor,
    )  # fmt: skip
    page = signed_in(counselor).get(reverse("cases:patterns", args=[client_record.pk])).content.decode()
    held = page.split('id="what-held"')[1].split("</section>")[0]
    assert "The noon meeting" in held
    assert "tried once: helped" in held
    assert "Staying in bed" not in held
    assert "Walking the canal path" in held
    assert "The longest stretch without use" in held


def test_who_may_not_record_or_see_is_refused(client_record, counselor, slip, make_staff, administrator, signed_in):
    key = next(iter(told.said(client_record, staff_member=counselor))).key
    for act in (told.confirm, told.decline):
        with pytest.raises(NotPermitted):
            act(client=client_record, key=key, by=administrator)
    stranger = signed_in(make_staff("counselor"))
    assert stranger.post(reverse("cases:told_settle", args=[client_record.pk, key])).status_code == 404


def test_what_is_left_out_has_its_words(client_record, counselor):
    with pytest.raises(IntegrityError, match="told_declined_has_its_words"), transaction.atomic():
        ToldDeclined.objects.create(
            client=client_record, kind="sign", wording=" ", declined_at=timezone.now(), declined_by=counselor
        )
    with pytest.raises(IntegrityError, match="told_declined_of_a_known_kind"), transaction.atomic():
        ToldDeclined.objects.create(
            client=client_record, kind="x", wording="y", declined_at=timezone.now(), declined_by=counselor
        )


def test_the_safety_plan_of_the_chart_opens_the_blank_one(client_record, counselor, episode, signed_in):
    at = reverse("counseling:safety_plan", args=[client_record.pk])
    page = signed_in(counselor).get(at, follow=True)
    assert page.redirect_chain[0][0] == reverse("counseling:safety_plan_write", args=[client_record.pk])
    assert "my warning signs of a crisis" in page.content.decode().lower()


def test_without_an_open_episode_a_page_says_so(client_record, counselor, signed_in):
    page = signed_in(counselor).get(reverse("counseling:safety_plan", args=[client_record.pk]))
    assert "Admit the client first" in page.content.decode()

"""Somebody else closed it while a step was being typed: the words stay, and a danger is heard."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases import safety
from cases.models import Client
from referrals import guide, own_goals, referring, ties
from referrals.models import FollowThrough, Meeting, Referral, ServiceReferral, ServiceReferralStep
from referrals.next_time import next_day_of
from referrals.other_help import referring as elsewhere
from staff.models import StaffMember

SignIn = Callable[[StaffMember], Browser]
CLOSED = "This referral is closed."


@pytest.fixture
def referral(client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]) -> Referral:
    return guide.choose(client=client_record, meeting=make_meeting(name="Example Tuesday"), by=counselor)


def forms_of(referral: Referral) -> dict[str, dict[str, str]]:
    today = referral.client.today
    assert referral.meeting is not None
    return {
        "visit": {"visited_on": today.isoformat(), "attended": "no", "note": "Stood outside"},
        "plan": {"on": next_day_of(referral.meeting, timezone.now()).isoformat(), "note": "Stood outside"},
        "link": {"volunteer": "Sam", "note": "Stood outside"},
        "engage": {"note": "Stood outside"},
        "end": {"note": "Stood outside"},
        "decline": {"note": "Stood outside"},
    }


def dangers(client: Client) -> list[Any]:
    return list(safety.open_concerns(client=client, on=client.today))


def guided(referral: Referral, stage: str, **more: str) -> dict[str, str]:
    """What the guide's page of the call, or of the day, sends."""
    prefix, step = (f"plan{referral.pk}-", "plan") if stage == "day" else ("", "link")
    said = {f"{prefix}{name}": value for name, value in {**forms_of(referral)[step], **more}.items()}
    return {**said, "referral": str(referral.pk)}


def housing(client: Client, by: StaffMember) -> ServiceReferral:
    return elsewhere.refer(client=client, kind="housing", elsewhere="Harbor House", how="client", by=by)


STEPS = ["visit", "plan", "link", "engage", "end", "decline"]


@pytest.mark.parametrize("step", STEPS)
def test_the_words_come_back_as_a_note(desk: Browser, referral: Referral, counselor: StaffMember, step: str) -> None:
    said = {f"{step}-{name}": value for name, value in forms_of(referral)[step].items()}
    referring.end(referral=referral, by=counselor)
    page = desk.post(reverse("referrals:step", args=[referral.client_id, referral.pk, step]), said)
    assert page.status_code == 200
    shown = page.content.decode()
    assert f"{CLOSED} To try again, offer it again. What you typed is below, as a note." in shown
    note = page.context["note_form"]["note"].value()
    assert "Stood outside" in note
    if step == "visit":
        today = referral.client.today
        assert note.splitlines()[:2] == [f"Day: {today:%b} {today.day}, {today.year}", "Did they go: No, did not go"]
    assert not FollowThrough.objects.filter(step="note").exists()  # until they save it
    desk.post(reverse("referrals:step", args=[referral.client_id, referral.pk, "note"]), {"note-note": note})
    assert FollowThrough.objects.get(step="note").note == note


@pytest.mark.parametrize("step", STEPS)
def test_a_danger_is_kept_at_once(desk: Browser, referral: Referral, counselor: StaffMember, step: str) -> None:
    said = {f"{step}-{name}": value for name, value in forms_of(referral)[step].items()}
    referring.decline(referral=referral, by=counselor)
    assert not dangers(referral.client)
    url = reverse("referrals:step", args=[referral.client_id, referral.pk, step])
    page = desk.post(url, {**said, f"{step}-reports_danger": "on"}, follow=True).content.decode()
    assert "What you typed was kept as a note, and the danger you reported is a safety concern." in page
    kept = FollowThrough.objects.get(step="note")
    assert kept.reports_danger
    assert "Stood outside" in kept.note
    assert len(dangers(referral.client)) == 1


@pytest.mark.parametrize(
    ("step", "fault"),
    [("visit", {"visited_on": "soon"}), ("visit", {"visited_on": "2300-01-01"}), ("link", {"volunteer": "A" * 60})],
)
@pytest.mark.parametrize("danger", [True, False])
def test_so_is_what_has_a_fault_of_its_own(
    desk: Browser, referral: Referral, counselor: StaffMember, step: str, fault: dict[str, str], danger: bool
) -> None:
    more = {"reports_danger": "on"} if danger else {}
    said = {f"{step}-{name}": value for name, value in {**forms_of(referral)[step], **fault, **more}.items()}
    referring.end(referral=referral, by=counselor)
    page = desk.post(reverse("referrals:step", args=[referral.client_id, referral.pk, step]), said, follow=True)
    assert CLOSED in page.content.decode()
    assert bool(dangers(referral.client)) is danger
    note = FollowThrough.objects.latest("pk").note if danger else page.context["note_form"]["note"].value()
    assert "Stood outside" in note
    assert next(iter(fault.values())) in note


@pytest.mark.parametrize("stage", ["call", "day"])
def test_the_guide_records_it_after_somebody_finished_the_conversation(
    desk: Browser, referral: Referral, counselor: StaffMember, stage: str
) -> None:
    """The referral is still open; only the pages that led to it are over."""
    conversation = referral.conversation
    assert conversation is not None
    guide.finish(conversation=conversation, by=counselor)
    prefix = f"plan{referral.pk}-" if stage == "day" else ""
    said = {
        f"{prefix}{name}": value for name, value in forms_of(referral)["link" if stage == "call" else "plan"].items()
    }
    said |= {"referral": str(referral.pk), f"{prefix}reports_danger": "on"}
    url = reverse("referrals:guide_stage", args=[referral.client_id, stage])
    assert desk.post(url, said).status_code == 302
    step = FollowThrough.objects.latest("pk")
    assert (step.step, step.note, step.reports_danger) == (
        "linked" if stage == "call" else "planned",
        "Stood outside",
        True,
    )


@pytest.mark.parametrize("stage", ["call", "day"])
@pytest.mark.parametrize("danger", [True, False])
def test_the_guide_keeps_what_was_typed_about_a_referral_that_ended(
    desk: Browser, referral: Referral, counselor: StaffMember, stage: str, danger: bool
) -> None:
    prefix = f"plan{referral.pk}-" if stage == "day" else ""
    said = {
        f"{prefix}{name}": value for name, value in forms_of(referral)["link" if stage == "call" else "plan"].items()
    }
    said |= {"referral": str(referral.pk)} | ({f"{prefix}reports_danger": "on"} if danger else {})
    more = {"reports_danger": "on"} if danger else {}
    referring.end(referral=referral, by=counselor)
    url = reverse("referrals:guide_stage", args=[referral.client_id, stage])
    page = desk.post(url, guided(referral, stage, **more), follow=True)
    assert CLOSED in page.content.decode()
    assert bool(dangers(referral.client)) is danger
    note = FollowThrough.objects.latest("pk").note if danger else page.context["note_form"]["note"].value()
    assert "Stood outside" in note


def test_nobody_elses_referral_is_recorded_by_the_guide(
    desk: Browser, referral: Referral, make_client: Callable[..., Client], counselor: StaffMember
) -> None:
    other = make_client(counselor=counselor)
    for stage in ("call", "day"):
        desk.post(reverse("referrals:guide_stage", args=[other.pk, stage]), guided(referral, stage))
    assert FollowThrough.objects.filter(referral=referral).count() == 1


@pytest.mark.parametrize("day", ["today", "soon"])
@pytest.mark.parametrize("danger", [True, False])
@pytest.mark.parametrize("move", ["accepted", "declined", "seen", "result", "call", "end"])
def test_so_it_is_for_other_help(
    desk: Browser, client_record: Client, counselor: StaffMember, move: str, danger: bool, day: str
) -> None:
    service = elsewhere.refer(
        client=client_record, kind="housing", elsewhere="Harbor House", how="client", by=counselor
    )
    elsewhere.end(referral=service, by=counselor)
    happened_on = client_record.today.isoformat() if day == "today" else day
    said = {"note": "Slept in the car", "happened_on": happened_on, "told_by": "client"}
    said |= {"outcome": "not", "spoke_with": "Dana", "what": "Their name", "why": "A bed"}
    said |= {"reports_danger": "on"} if danger else {}
    url = reverse("referrals:service_move", args=[client_record.pk, service.pk, move])
    page = desk.post(url, {f"{move}-{name}": value for name, value in said.items()}, follow=True)
    assert CLOSED in page.content.decode()
    assert bool(dangers(client_record)) is danger
    kept = ServiceReferralStep.objects.latest("pk").note if danger else page.context["note_form"]["note"].value()
    assert "Slept in the car" in kept


def test_a_step_that_somebody_else_took_comes_back_as_a_note(
    desk: Browser, client_record: Client, counselor: StaffMember
) -> None:
    service = elsewhere.refer(
        client=client_record, kind="housing", elsewhere="Harbor House", how="client", by=counselor
    )
    elsewhere.seen(referral=service, told_by="place", by=counselor)
    said = {"note": "Dana says yes", "happened_on": client_record.today.isoformat(), "told_by": "place"}
    url = reverse("referrals:service_move", args=[client_record.pk, service.pk, "accepted"])
    page = desk.post(url, {f"accepted-{name}": value for name, value in said.items()})
    assert "This step was already recorded, or a later one was." in page.content.decode()
    assert "Dana says yes" in page.context["note_form"]["note"].value()


def test_what_is_put_away_or_ended_already_is_said(
    desk: Browser, client_record: Client, counselor: StaffMember
) -> None:
    def sent(name: str, args: list[int], said: dict[str, str]) -> str:
        return desk.post(reverse(f"referrals:{name}", args=args), said, follow=True).content.decode()

    goal = own_goals.set_goal(client=client_record, meetings=2, days=7, by=counselor)
    own_goals.put_away(goal=goal, by=counselor)
    said = {f"goal{goal.pk}-meetings": "3", f"goal{goal.pk}-days": "7"}
    assert own_goals.PutAway.sentence in sent("own_goal_change", [client_record.pk, goal.pk], said)
    tie = ties.sponsor(client=client_record, fellowship="aa", name="Lee", by=counselor)
    ties.end(tie=tie, until=client_record.today, by=counselor)
    args = [client_record.pk, tie.pk]
    until = {f"tie{tie.pk}-until": (client_record.today - datetime.timedelta(days=1)).isoformat()}
    assert ties.TieEnded.sentence in sent("tie_end", args, until)
    ties.withdraw(tie=tie, because="Another person’s", by=counselor)
    for name, words in (
        ("tie_end", until),
        ("tie_withdraw", {"withdraw-because": "Twice"}),
        ("tie_correct", {"fellowship": "aa", "name": "Leigh", "because": "Misheard"}),
    ):
        assert ties.TieWithdrawn.sentence in sent(name, args, words), name
    page = desk.get(reverse("referrals:tie_correct", args=args), follow=True)
    assert ties.TieWithdrawn.sentence in page.content.decode()

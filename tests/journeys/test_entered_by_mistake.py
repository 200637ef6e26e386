"""A return to use that was entered by mistake is struck out: it stays on record, and nobody who counts sees it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases import merging, patterns
from cases.assessments import prefilled
from cases.codes import Substance
from cases.intake import intake_steps
from cases.models import Client, CopingStrategy, Relapse, RelapseCoping, Trigger
from cases.panels import today_learning
from cases.patterns.relapse_summaries import looking_back
from cases.recovery import milestone_days, overview, relapses, sobriety, standings
from cases.recovery.learned_item import story
from counseling import carry_over
from desk.timeline import facts
from desk.timeline.windows import Span
from groups import rosters
from groups.models import Group, MentorTerm
from groups.models.mentoring import MentorStep, StepKind
from staff.access import ROLES, Permission
from staff.models import AuditEntry, Program, Role, StaffMember
from staff.refusals import NotPermitted
from tests import factories

D = datetime.date
TODAY = D(2026, 3, 9)
SignIn = Callable[[StaffMember], Browser]


@pytest.fixture(autouse=True)
def _ninth_of_march() -> Any:
    with time_machine.travel(datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC), tick=False):
        yield


@pytest.fixture
def before(client_record: Client, counselor: StaffMember) -> Relapse:
    """What did happen: one slip, 30 recovery days ago, so that today is a milestone."""
    with time_machine.travel(datetime.datetime(2026, 2, 8, 16, tzinfo=datetime.UTC), tick=False):
        return relapses.record(
            client=client_record, started_on=D(2026, 2, 6), ended_on=D(2026, 2, 6), substances=["alcohol"],
            triggers=["Payday"], coping_tried=[("Called my sister", "helped")], situations=["urges"], by=counselor,
        )  # fmt: skip


def entered_by_mistake(client: Client, by: StaffMember, **facts: Any) -> Relapse:
    return relapses.record(
        client=client, started_on=D(2026, 2, 20), substances=["heroin"], triggers=["Payday"], situations=["conflict"],
        warning_signs=["Not sleeping"], coping_tried=[("Called my sister", "did_not")], by=by, **facts,
    )  # fmt: skip


@pytest.fixture
def mentor(client_record: Client, counselor: StaffMember) -> MentorTerm:
    start = datetime.datetime(2026, 2, 10, 16, tzinfo=datetime.UTC)
    with time_machine.travel(start, tick=False):
        group = Group.objects.create(
            clinic=client_record.clinic, name="Evening", type="support", weekday=0, starts_at=datetime.time(18),
            minutes=90, room="Room 2",
        )  # fmt: skip
        member = rosters.join(group=group, client=client_record, joined_on=D(2026, 2, 10), by=counselor)
        term = MentorTerm.objects.create(membership=member, started_on=D(2026, 2, 10))
        kinds: dict[StepKind, dict[str, Any]] = {
            StepKind.AGREED: {},
            StepKind.APPROVED: {"valid_until": D(2026, 5, 1)},
            StepKind.APPOINTED: {"term": term, "sobriety_date": D(2026, 2, 7)},
        }
        for kind, own in kinds.items():
            MentorStep.objects.create(
                membership=member, kind=kind, on=D(2026, 2, 10), at=timezone.now(), by=counselor, **own
            )
    return term


def everything_that_counts(client: Client, reader: StaffMember, browser: Browser) -> dict[str, Any]:
    """What each reader of returns to use has to say."""
    events, statements = sobriety.events_of(client), sobriety.statements_of(client)
    now = overview.of(client, staff_member=reader, on=TODAY)
    slip = Relapse.objects.get(started_on=D(2026, 2, 6))
    payday, sister = Trigger.objects.get(wording="Payday"), CopingStrategy.objects.get(wording="Called my sister")
    timeline = facts.draw(client=client, staff_member=reader, span=Span.LIFE)
    board = browser.get(reverse("counseling:comparison", args=[client.pk]))
    return {
        "standing": sobriety.standing(client, TODAY),
        "heroin": sobriety.standing(client, TODAY, substance=Substance.HEROIN),
        "stretches": sobriety.stretches(events, statements, TODAY),
        "milestones": sobriety.milestones(client),
        "reached today": [each.milestone for each in milestone_days.reached([client], timezone.now())],
        "recovery": (now.standing, [each.pk for each in now.returns], now.open_return, now.to_warn_about),
        "by substance": standings.by_substance(now.returns, now.statements, TODAY),
        "without substance": standings.without_substance(now.returns),
        "stated": standings.stated_dates(now.returns, now.statements, TODAY),
        "occasions": [each.pk for each in looking_back(client, staff_member=reader).occasions],
        "patterns": patterns.compare(looking_back(client, staff_member=reader)),
        "today": [need.title for need in today_learning.needs(staff_member=reader, now=timezone.now())],
        "timeline": [(mark.lane, mark.name) for mark in timeline.marks] if timeline else [],
        "triggers": [
            (each.wording, each.evidence) for each in Trigger.objects.filter(wording="Payday").with_evidence()
        ],
        "strategies": [(each.helped, each.did_not) for each in CopingStrategy.objects.with_outcomes()],
        "trigger's story": [each.relapse.pk for each in story(payday, staff_member=reader).showings],
        "strategy's story": [each.relapse.pk for each in story(sister, staff_member=reader).showings],
        "assessment": prefilled(client=client, relapse=slip),
        "comparison": [each.relapse.pk for each in board.context["comparisons"]],
        "mentors": [term.pk for term in MentorTerm.objects.active(TODAY)],
        "followed": intake_steps.followed([], staff_member=reader),
        "on the client": client.relapses.count(),
        "pattern page": browser.get(reverse("cases:patterns", args=[client.pk])).context["pattern"].total,
    }


def test_struck_out_it_is_in_no_count_and_taken_back_in_every_one(
    before: Relapse, mentor: MentorTerm, client_record: Client, counselor: StaffMember, signed_in: SignIn
) -> None:
    office = signed_in(counselor)
    as_it_was = everything_that_counts(client_record, counselor, office)
    assert as_it_was["reached today"], "or nothing could be lost"
    assert as_it_was["mentors"] == [mentor.pk]
    wrong = entered_by_mistake(client_record, counselor)
    mistaken = everything_that_counts(client_record, counselor, office)
    untouched = {"assessment", "followed", "without substance", "stated"}
    assert {name for name in as_it_was if as_it_was[name] == mistaken[name]} == untouched
    relapses.void(relapse=wrong, reason="Was another client", by=counselor)
    assert everything_that_counts(client_record, counselor, office) == as_it_was
    relapses.unvoid(relapse=wrong, by=counselor)
    assert everything_that_counts(client_record, counselor, office) == mistaken


def test_it_stays_on_record_with_reason_author_and_time(
    client_record: Client, counselor: StaffMember, medical: StaffMember, signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch, make_staff: Callable[..., StaffMember],
) -> None:  # fmt: skip
    row = entered_by_mistake(client_record, counselor)
    office, page = signed_in(counselor), reverse("cases:relapse", args=[client_record.pk, row.pk])
    strike = reverse("cases:relapse_void", args=[client_record.pk, row.pk])
    assert "Entered in error?" in office.get(page).content.decode()
    refused = office.post(strike, {"reason": " "})
    assert refused.status_code == 422
    row.refresh_from_db()
    assert not row.is_voided
    assert office.post(strike, {"reason": "Was another client"}).status_code == 302
    row = Relapse.everything.get(pk=row.pk)
    assert (row.voided_by, row.void_reason, row.voided_at) == (counselor, "Was another client", timezone.now())
    listed = office.get(reverse("cases:relapses", args=[client_record.pk])).content.decode()
    assert "<del>Feb 20, 2026, ongoing</del>" in listed
    assert "Was another client" in listed
    assert 'class="ow-card return"' not in listed
    shown = office.get(page).content.decode()
    assert "Entered in error." in shown
    assert '<fieldset class="return-form__whole" disabled>' in shown
    amended = office.post(page, {"started_on": "2026-02-20", "learned": "Something"})
    assert "marked as entered in error" in amended.content.decode()
    assert AuditEntry.objects.filter(act="cases.void_relapse").count() == 1
    # the same day can be recorded anew
    again = {"started_on": "2026-02-20"}
    assert office.post(reverse("cases:relapse_new", args=[client_record.pk]), again).status_code == 302
    # who may not record may not strike out either
    monkeypatch.setitem(ROLES, Role.MEDICAL, ROLES[Role.MEDICAL] - {Permission.RELAPSE_RECORD})
    with pytest.raises(NotPermitted):
        relapses.unvoid(relapse=row, by=medical)
    assert signed_in(medical).post(strike, {"reason": "x"}).status_code == 403
    assert signed_in(make_staff(Role.COUNSELOR)).post(strike, {"reason": "x"}).status_code == 404
    taken_back = reverse("cases:relapse_unvoid", args=[client_record.pk, row.pk])
    assert office.post(taken_back)["Location"] == page
    row.refresh_from_db()
    assert (row.is_voided, row.void_reason) == (False, "")


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (lambda row, by: relapses.void(relapse=row, reason="Twice", by=by), relapses.AlreadyVoided),
        (lambda row, by: relapses.amend(relapse=row, learned="x", by=by), relapses.AlreadyVoided),
        (lambda row, by: relapses.close(relapse=row, ended_on=TODAY, by=by), relapses.AlreadyVoided),
        (lambda row, by: relapses.warn_of_tolerance(relapse=row, by=by), relapses.AlreadyVoided),
    ],
)
def test_nothing_is_written_on_what_is_struck_out(
    client_record: Client, counselor: StaffMember, act: Any, refusal: type
) -> None:
    row = relapses.void(relapse=entered_by_mistake(client_record, counselor), reason="Mistyped", by=counselor)
    with pytest.raises(refusal):
        act(row, counselor)
    with pytest.raises(relapses.NotVoided):
        relapses.unvoid(relapse=relapses.unvoid(relapse=row, by=counselor), by=counselor)


def test_the_return_that_led_back_is_compared_no_more(
    client_record: Client, program: Program, counselor: StaffMember, signed_in: SignIn
) -> None:
    row = entered_by_mistake(client_record, counselor)
    first = factories.TreatmentEpisodeFactory(
        client=client_record,
        program=program,
        admitted_by=counselor,
        admitted_on=D(2025, 1, 3),
        discharged_on=D(2025, 5, 1),
        discharge_reason="completed",
    )
    back = factories.TreatmentEpisodeFactory(
        client=client_record,
        program=program,
        admitted_by=counselor,
        admitted_on=D(2026, 3, 1),
        prior_episode=first,
        relapse=row,
        presenting_reason="return",
    )
    office, board = signed_in(counselor), reverse("counseling:carry_over", args=[client_record.pk, back.pk])
    assert office.get(board).context["comparison"] is not None
    relapses.void(relapse=row, reason="Mistyped", by=counselor)
    assert office.get(board).context["comparison"] is None
    assert carry_over.lay_out(back) is not None


def test_joining_two_records_moves_it_too(
    make_client: Callable[..., Client], counselor: StaffMember, supervisor: StaffMember
) -> None:
    keep, absorb = (make_client(given_name="Robin", counselor=counselor) for _ in range(2))
    row = relapses.void(relapse=entered_by_mistake(absorb, counselor), reason="Mistyped", by=counselor)
    joined = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    row.refresh_from_db()
    assert (row.client, row.is_voided) == (keep, True)
    merging.unmerge(merge=joined, by=supervisor)
    row.refresh_from_db()
    assert row.client == absorb
    assert RelapseCoping.objects.filter(relapse=row).exists()

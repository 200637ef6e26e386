"""Two concurrent changes to one note: the second is told, and nothing is left half done."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cases.forms import concurrent_edits
from counseling import golden_thread, notes, plans, signing
from counseling.models import NoteSignature, SessionNote
from counseling.notes import discarded_drafts
from counseling.plans import treatment_plans
from reminders.models import Reminder
from staff.models import Role
from staff.refusals import Refusal
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 4  # each race is run so often


@pytest.fixture
def people(transactional_db):
    clinic = factories.ClinicFactory()
    supervisor = factories.StaffMemberFactory(clinic=clinic, role=Role.SUPERVISOR, credential="LPC-S")
    counselor = factories.StaffMemberFactory(
        clinic=clinic, role=Role.COUNSELOR, credential="LCDC", supervisor=supervisor
    )
    client = factories.ClientFactory(clinic=clinic, counselor=counselor)
    episode = factories.TreatmentEpisodeFactory(
        client=client, program=factories.ProgramFactory(clinic=clinic), admitted_by=counselor
    )
    return counselor, supervisor, client, episode


@pytest.fixture
def begin(people):
    counselor, _, client, episode = people
    ago = timezone.now() - datetime.timedelta(hours=2)

    def draft() -> SessionNote:
        said = {"plan": "As it was read."}
        return notes.start(client=client, episode=episode, by=counselor, session_started_at=ago, sections=said)

    return draft


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Each in a thread and on a connection of its own, let go together; what came back, or what was raised."""
    came: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            start.wait()
            came[place] = act()
        except Exception as raised:
            came[place] = raised
        finally:
            connection.close()

    hands = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    return came


def test_a_save_in_flight_while_the_note_is_signed_changes_nothing_that_was_read(people, begin):
    counselor, *_ = people
    for _ in range(TIMES):
        note = begin()
        signed, saved = at_once(
            lambda note=note: signing.sign(note=note, version=1, by=counselor),
            lambda note=note: notes.save_draft(note=note, version=1, by=counselor, plan="Typed since."),
        )
        stands = SessionNote.objects.get(pk=note.pk)
        if isinstance(signed, NoteSignature):
            assert isinstance(saved, notes.AlreadySigned)
            assert stands.sections["plan"] == "As it was read."
            assert signing.verify(stands).unchanged
        else:
            assert isinstance(signed, signing.ChangedSinceRead)
            assert (stands.is_draft, stands.sections["plan"]) == (True, "Typed since.")


def test_signed_by_two_windows_it_is_signed_once(people, begin):
    counselor, *_ = people
    for _ in range(TIMES):
        note = begin()
        came = at_once(*[lambda note=note: signing.sign(note=note, version=1, by=counselor)] * 2)
        assert sorted(type(each).__name__ for each in came) == ["AlreadySigned", "NoteSignature"]
        assert note.signatures.count() == 1
        assert not Reminder.objects.waiting().filter(context__note_id=note.pk).exists()


def test_discarded_and_saved_or_signed_at_once_it_is_one_of_them(people, begin):
    counselor, *_ = people
    for _ in range(TIMES):
        note = begin()
        gone, signed = at_once(
            lambda note=note: notes.discard(note=note, by=counselor),
            lambda note=note: signing.sign(note=note, by=counselor),
        )
        assert isinstance(gone, notes.AlreadySigned) != isinstance(signed, notes.AlreadyDiscarded)
        if isinstance(signed, Refusal):
            discarded_drafts.take_up(note=note, by=counselor)
            saved, again = at_once(
                lambda note=note: notes.save_draft(note=note, version=1, by=counselor, plan="Typed on."),
                lambda note=note: notes.discard(note=note, by=counselor),
            )
            stands = SessionNote.objects.get(pk=note.pk)
            was_saved = not isinstance(saved, notes.AlreadyDiscarded)
            assert stands.sections["plan"] == ("Typed on." if was_saved else "As it was read.")
            assert not isinstance(again, Refusal)


def test_cosigned_and_corrected_at_once_both_stand_and_verify(people, begin):
    counselor, supervisor, *_ = people
    for _ in range(TIMES):
        note = begin()
        signing.sign(note=note, by=counselor)
        cosigned, twice, _ = at_once(
            *[lambda note=note: signing.cosign(note=note, by=supervisor)] * 2,
            lambda note=note: signing.add_addendum(note=note, text="Monday.", reason="wrong day", by=counselor),
        )
        assert sorted(type(each).__name__ for each in (cosigned, twice)) == ["NoCosignatureNeeded", "NoteSignature"]
        assert (note.signatures.count(), note.addenda.count()) == (2, 1)
        assert signing.verify(note).unchanged


def test_an_addendum_sent_twice_at_once_stands_once(people, begin):
    counselor, *_ = people
    for _ in range(TIMES):
        note = begin()
        signing.sign(note=note, by=counselor)
        add = partial(signing.add_addendum, note=note, text="Monday.", reason="wrong day", by=counselor)
        at_once(add, add)
        assert note.addenda.count() == 1


def test_a_note_filed_under_an_objective_while_it_is_cosigned_brings_neither_down(people, begin):
    """Whoever only points to the note must not have to wait for a lock on it while holding the audit chain's."""
    counselor, supervisor, _, episode = people
    goal = plans.add_goal(episode=episode, wording="Sleep", by=counselor)
    step = plans.add_objective(goal=goal, wording="No screen after ten", by=counselor)
    for _ in range(TIMES):
        note = begin()
        signing.sign(note=note, by=counselor)
        came = at_once(
            partial(golden_thread.file_note, note=note, objective=step, by=counselor),
            partial(signing.cosign, note=note, by=supervisor),
        )
        assert [type(each).__name__ for each in came] == ["LaterFiling", "NoteSignature"]


@pytest.fixture
def planned(people):
    """A plan with two goals and a step toward the first."""
    counselor, _, _, episode = people
    sleep, work = (plans.add_goal(episode=episode, wording=words, by=counselor) for words in ("Sleep", "Work"))
    step = plans.add_objective(goal=sleep, wording="No screen after ten", by=counselor)
    return sleep, work, step


def test_a_step_is_worded_anew_while_its_plan_is_reviewed(people, planned, signed_in, monkeypatch):
    """The page must not hold the step while it waits for the episode: the review holds that, and closes the step."""
    counselor, supervisor, client, episode = people
    sleep, work, step = planned
    browser, read = signed_in(counselor), threading.Event()
    merge = concurrent_edits.merge

    def slowly(*given):
        read.set()
        time.sleep(0.7)
        return merge(*given)

    monkeypatch.setattr(concurrent_edits, "merge", slowly)

    def reviewed():
        read.wait(20)
        said = {sleep: "met", work: "same"}
        return plans.review(plan=plans.current(episode), by=supervisor, summary="Better nights.", progress=said)

    url = reverse("counseling:objective_change", args=[client.pk, step.pk])
    answer, review = at_once(lambda: browser.post(url, {"wording": "No screen after nine"}), reviewed)
    assert (type(review).__name__, getattr(answer, "status_code", answer)) == ("PlanReview", 302)
    step.refresh_from_db()
    assert (step.wording, step.status) == ("No screen after nine", "met")


def test_two_goals_are_met_in_a_review_while_a_colleague_closes_one(people, planned, monkeypatch):
    """Whoever has written to the audit log waits for no goal any more."""
    counselor, supervisor, _, episode = people
    sleep, work, _ = planned
    close_goal, first_is_closed = plans.close_goal, threading.Event()

    def slowly(*, goal, **given):
        if goal == work:
            first_is_closed.set()
            time.sleep(0.7)
        return close_goal(goal=goal, **given)

    monkeypatch.setattr(treatment_plans, "close_goal", slowly)

    def closed():
        first_is_closed.wait(20)
        return close_goal(goal=work, status="set_aside", by=supervisor)

    review, colleague = at_once(
        lambda: plans.review(
            plan=plans.current(episode), by=counselor, summary="Both.", progress={sleep: "met", work: "met"}
        ),
        closed,
    )
    assert [type(each).__name__ for each in (review, colleague)] == ["PlanReview", "AlreadyClosed"]

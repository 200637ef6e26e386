"""Each page of counseling asks at most twelve questions, and as many for a long history as for a short one."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.recovery import learning
from counseling import carry_over, measures, notes, plans
from counseling.models import SessionNote
from counseling.notes import mentions
from counseling.plans import homework
from demo import history
from staff.models import StaffMember

pytestmark = pytest.mark.django_db
SignIn = Callable[[StaffMember], Browser]
MOST, MOST_FOR_A_SAVE = 12, 8
PAGES: dict[str, Callable[[SimpleNamespace], list[Any]]] = {
    "carry_over": lambda here: [here.episode.pk],
    "comparison": lambda _: [],
    "growth": lambda _: [],
    "plan": lambda _: [],
    "plan_versions": lambda _: [],
    "thread": lambda _: [],
    "plan_review": lambda _: [],
    "plan_new_version": lambda _: [],
    "plan_sign": lambda _: [],
    "safety_plan": lambda _: [],
    "safety_plan_write": lambda _: [],
    "discharge_plan": lambda _: [],
    "discharge_plan_write": lambda _: [],
    "homework": lambda _: [],
    "notes": lambda _: [],
    "note_new": lambda _: [],
    "note_edit": lambda here: [here.draft.pk],
    "note_print": lambda here: [here.signed.pk],
    "note_verify": lambda here: [here.signed.pk],
    "measures": lambda _: [],
    "measure_new": lambda _: ["phq-9"],
    "measure_trend": lambda _: ["gad-7"],
    "hand_over": lambda _: [],
    "separate_notes": lambda _: [],
}


@pytest.fixture
def here(returning: SimpleNamespace, counselor: StaffMember) -> SimpleNamespace:
    """A person who came back, with a draft about them."""
    client, episode = returning.client_record, returning.second
    draft = notes.start(client=client, episode=episode, by=counselor, sections={"plan": "Go on."})
    here = SimpleNamespace(client=client, episode=episode, earlier=returning.first, draft=draft, signed=None)
    add_to(here, counselor, "One")
    here.signed = _signed(here, counselor, 0)
    return here


def add_to(here: SimpleNamespace, counselor: StaffMember, wording: str) -> None:
    """One more of everything that a page lists."""
    goal = plans.add_goal(episode=here.episode, wording=wording, by=counselor)
    plans.add_objective(goal=goal, wording=f"Step to {wording}", by=counselor)
    homework.give_homework(episode=here.episode, text=f"Read {wording}", by=counselor)
    learning.add_trigger(
        client=here.client,
        wording=wording,
        by=counselor,
        first_seen_on=datetime.date(2026, 1, 6),
        first_seen_in=here.earlier,
    )
    mentions.link(
        note=here.draft, kind="strategy", what=f"Walk {wording}", quote="Go on.", outcome="helped", by=counselor
    )
    measures.record(client=here.client, instrument="gad-7", answers=[0] * 7, by=counselor)


def _signed(here: SimpleNamespace, counselor: StaffMember, number: int) -> SessionNote:
    at = datetime.datetime(2026, 1, 6, 15, tzinfo=datetime.UTC) + datetime.timedelta(hours=number)
    blank = history.blank_note(
        client=here.client, episode=here.earlier, author=counselor, format="soap", at=at, sections={"plan": "Rain."}
    )
    (note,) = history.add_notes(drafts=[blank], goals={}, by=counselor)
    history.sign_notes(signed={note.pk: at}, by=counselor)
    return SessionNote.objects.get(pk=note.pk)


def _cost(browser: Browser, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url).status_code == 200
    return [query["sql"][:160] for query in asked]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_at_most_twelve_questions_whatever_the_history(
    name: str, here: SimpleNamespace, counselor: StaffMember, signed_in: SignIn
) -> None:
    browser = signed_in(counselor)
    url = reverse(f"counseling:{name}", args=[here.client.pk, *PAGES[name](here)])
    browser.get(url)
    few = _cost(browser, url)
    for number in range(4):
        add_to(here, counselor, f"More {number}")
        _signed(here, counselor, number + 1)
    carry_over.gather(episode=here.episode, by=counselor)
    many = _cost(browser, url)
    assert len(few) <= MOST, few
    assert len(many) <= len(few), many


def test_a_signed_note_and_the_lists_of_notes_ask_at_most_twelve(
    here: SimpleNamespace, counselor: StaffMember, signed_in: SignIn
) -> None:
    browser = signed_in(counselor)
    pages = [
        reverse("counseling:note_edit", args=[here.client.pk, here.signed.pk]),
        reverse("counseling:worklist"),
        reverse("counseling:sign_together"),
    ]
    few = [len(_cost(browser, url)) for url in pages]
    for number in range(4):
        add_to(here, counselor, f"More {number}")
        _signed(here, counselor, number + 1)
    many = [_cost(browser, url) for url in pages]
    assert max(few) <= MOST, many
    assert [len(asked) for asked in many] == few, many


def test_a_draft_is_saved_with_at_most_eight_questions(
    here: SimpleNamespace, counselor: StaffMember, signed_in: SignIn
) -> None:
    browser = signed_in(counselor)
    url = reverse("counseling:note_edit", args=[here.client.pk, here.draft.pk])
    at = timezone.localtime(here.draft.session_started_at, here.client.clinic.zone)

    def save(text: str) -> list[str]:
        here.draft.refresh_from_db()
        sent = {
            "version": here.draft.version,
            "section_plan": text,
            "session_on": f"{at:%Y-%m-%d}",
            "begins": f"{at:%H:%M}",
            "modality": here.draft.modality,
            "place": here.draft.place,
            "goals": [goal.pk for goal in here.draft.goals.all()],
            "objectives": [each.pk for each in here.draft.objectives.all()],
        }
        with CaptureQueriesContext(connection) as asked:
            answer = browser.post(url, sent, headers={"X-Autosave": "1"})
        assert answer.json()["state"] == "saved"
        assert answer.json()["faults"] == {}
        return [query["sql"][-300:] for query in asked if "SAVEPOINT" not in query["sql"]]

    save("One.")
    few = save("Two.")
    assert len(few) <= MOST_FOR_A_SAVE, "\n".join(few)
    here.draft.goals.set(here.episode.goals.all())
    for number in range(4):
        add_to(here, counselor, f"More {number}")
    assert len(many := save("Three.")) <= len(few), many

"""A chart of 700 notes opens, is searched and paged through as cheaply as one of seven."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from counseling import notes
from counseling.models import SessionNote
from demo import history

pytestmark = pytest.mark.django_db
SUBJECTS = ("rent", "sleep", "brother", "work", "payday", "daughter", "court")


@pytest.fixture
def write(returning, counselor):
    """Signed notes of the past, a day apart, the oldest the furthest back; each seventh says the same word."""

    def bulk(count: int, *, before: int = 0) -> None:
        now = timezone.now()
        drafts = [
            history.blank_note(
                client=returning.client_record,
                episode=returning.first if number % 2 else returning.second,
                author=counselor,
                format="soap",
                at=now - datetime.timedelta(days=before + number + 1),
                sections={"subjective": f"Spoke of {SUBJECTS[number % 7]} in session {before + number}."},
            )
            for number in range(count)
        ]
        goals = {number: [returning.goal] for number in range(0, count, 3)}
        made = history.add_notes(drafts=drafts, goals=goals, by=counselor)
        history.sign_notes(signed={note.pk: note.session_started_at for note in made}, by=counselor)

    return bulk


def places(note: SessionNote, signed: SessionNote) -> dict[str, str]:
    chart = {"client_id": note.client_id}
    beside = {**chart, "note_id": note.pk}
    return {
        "the overview": reverse("desk:chart", kwargs=chart),
        "the list": reverse("counseling:notes", kwargs=chart),
        "a search": reverse("counseling:notes", kwargs=chart) + "?q=payday",
        "a filtered search": reverse("counseling:notes", kwargs=chart)
        + f"?q=payday&format=soap&author={note.author_id}&episode={note.episode_id}",
        "the editor": reverse("counseling:note_edit", kwargs=beside),
        "a search beside the editor": reverse("counseling:earlier", kwargs=beside) + "?q=payday",
        "a signed note": reverse("counseling:note_edit", kwargs={**chart, "note_id": signed.pk}),
        "the plan": reverse("counseling:plan", kwargs=chart),
        "the golden thread": reverse("counseling:thread", kwargs=chart),
        "the board": reverse("counseling:carry_over", kwargs={**chart, "episode_id": note.episode_id}),
        "what was known": reverse("counseling:comparison", kwargs=chart),
        "how knowledge grew": reverse("counseling:growth", kwargs=chart),
        "the measures": reverse("counseling:measures", kwargs=chart),
        "the worklist": reverse("counseling:worklist"),
    }


def test_seven_hundred_notes_cost_what_seven_cost(write, returning, counselor, signed_in):
    browser = signed_in(counselor)
    draft = notes.start(client=returning.client_record, episode=returning.second, by=counselor)
    script = {"HX-Request": "true"}

    def asked() -> dict[str, int]:
        found = {}
        for name, address in places(draft, signed).items():
            headers = script if "earlier" in address else {}
            browser.get(address, headers=headers)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address, headers=headers).status_code == 200
            found[name] = len(queries)
        return found

    write(7)
    signed = SessionNote.objects.signed().earliest("session_started_at")
    few = asked()
    write(700, before=7)
    assert SessionNote.objects.signed().count() == 707
    assert asked() == few


def test_every_note_that_says_the_word_is_found_once_over_all_pages(write, returning, counselor, signed_in):
    write(700)
    browser = signed_in(counselor)
    start = reverse("counseling:notes", args=[returning.client_record.pk])
    found, address = [], f"{start}?q=payday"
    while address:
        page = browser.get(address)
        found += [note.pk for note in page.context["notes"]]
        address = start + page.context["older_url"] if page.context["older_url"] else ""
    assert len(found) == len(set(found)) == 100
    texts = SessionNote.objects.filter(pk__in=found).values_list("sections__subjective", flat=True)
    assert all("payday" in text for text in texts)

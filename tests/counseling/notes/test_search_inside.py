"""Search inside notes: what is found, and the excerpt that shows it, addenda included."""

from __future__ import annotations

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from counseling import notes, signing
from counseling.models import SessionNote
from counseling.notes import search_excerpts
from tests.reading import as_read

pytestmark = pytest.mark.django_db

LONG = "Spoke of work and of the week. " * 12


@pytest.fixture
def write(client_record, episode, counselor):
    """A signed note of some days ago."""

    def one(text: str, *, days: int = 2, **fields) -> SessionNote:
        note = notes.start(
            client=client_record,
            episode=episode,
            by=counselor,
            session_started_at=timezone.now() - datetime.timedelta(days=days),
            sections={"subjective": text},
            **fields,
        )
        signing.sign(note=note, by=counselor)
        return note

    return one


@pytest.fixture
def draft_of_today(client_record, episode, counselor):
    return notes.start(client=client_record, episode=episode, by=counselor, format="dap")


def both_places(browser, draft, words):
    """The list of all notes, and the earlier notes beside the editor."""
    yield as_read(browser.get(reverse("counseling:notes", args=[draft.client_id]), {"q": words}))
    beside = reverse("counseling:earlier", args=[draft.client_id, draft.pk])
    yield as_read(browser.get(beside, {"q": words}, headers={"HX-Request": "true"}))


def test_the_passage_is_shown_however_far_down_it_stands(write, draft_of_today, counselor, signed_in):
    write(f"{LONG}His sister drove him to the lighthouse. {LONG}")
    for page in both_places(signed_in(counselor), draft_of_today, "lighthouse"):
        assert "<mark>lighthouse</mark>" in page
        assert "… " in page


def test_words_of_other_forms_and_the_beginning_of_the_last_word_are_found(write, counselor):
    note = write("He was arguing with his brother at the lighthouse.")
    found = SessionNote.objects.filter(client=note.client_id)
    for words in ("argued brother", "brother light", "lightho", '"his brother"'):
        assert list(found.about(words)) == [note], words
    for words in ("mother", '"lighthouse brother"', "brother -lighthouse", "li arguing"):
        assert not found.about(words).exists(), words


def test_what_was_typed_is_text_and_never_markup(write, draft_of_today, counselor, signed_in):
    write("Said <b>lighthouse</b> & left.")
    for page in both_places(signed_in(counselor), draft_of_today, "lighthouse"):
        assert "<mark>lighthouse</mark>" in page
        assert " &amp; left" in page
        assert "<b>" not in page


def test_a_correction_stands_wherever_the_note_is_read(write, draft_of_today, counselor, signed_in):
    note = write("The visit is on Monday.")
    signing.add_addendum(note=note, text="It is on Thursday, by ferry.", reason="wrong day", by=counselor)
    browser = signed_in(counselor)
    for page in both_places(browser, draft_of_today, ""):
        assert "1 addendum" in page
    for page in both_places(browser, draft_of_today, "ferry"):
        assert "It is on Thursday, by ferry." in page


def test_what_was_found_about_risk_is_shown_too(write, draft_of_today, counselor, signed_in):
    write("Calm.", risk_screen="low", risk_detail="Thoughts without a plan; wrote a safety plan.")
    for page in both_places(signed_in(counselor), draft_of_today, "thoughts"):
        assert "<mark>Thoughts</mark> without a plan" in page


def test_passages_name_their_section(write):
    note = write("Slept at the lighthouse.")
    [found] = search_excerpts.marked(SessionNote.objects.filter(pk=note.pk), "lighthouse")
    assert search_excerpts.of(found) == [("Subjective", [("Slept at the ", False), ("lighthouse", True)])]


ANYWHERE = (
    "Mrs. Nguyễn drove him. 他今天很难过，想喝酒。 See https://www.recovery-path.example/meetings?city=albany and write"
    " to helpline@support.example; lives at 12 Lighthouse-Keeper Road. O’Brien’s dog. Прогулка с сыном."
)


@pytest.mark.parametrize(
    "words",
    ["Nguyen", "NGUYỄN", "nguyễn", "难过", "想喝酒", "酒", "recovery-path", "albany", "helpline", "support.example",
     "keeper", "ighthous", "o'brien", "o’brien", "прогулка", "сын", "nguyen albany", "drove keep"],
)  # fmt: skip
def test_parts_of_words_names_without_marks_and_words_inside_an_address_are_found(
    write, draft_of_today, counselor, signed_in, words
):
    note = write(f"{LONG}{ANYWHERE} {LONG}")
    assert list(SessionNote.objects.filter(client=note.client_id).about(words)) == [note]
    for page in both_places(signed_in(counselor), draft_of_today, words):
        assert "<mark>" in page


@pytest.mark.parametrize("words", ["subjective", "坏", "Ngo", '"drove keeper"', "drove -keeper", "ob", "xyz albany"])
def test_what_is_not_written_is_not_found(write, words):
    note = write(ANYWHERE)
    assert not SessionNote.objects.filter(client=note.client_id).about(words).exists()


def test_letters_may_stand_partly_in_an_addendum(write, counselor):
    note = write("Met Mrs. Nguyễn.")
    signing.add_addendum(note=note, text="She lives in Đà Nẵng.", reason="left out", by=counselor)
    assert list(SessionNote.objects.filter(client=note.client_id).about("nguyen nang")) == [note]

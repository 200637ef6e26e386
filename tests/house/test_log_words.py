"""Every address that a log may name has words, and the words are sentences: a new address without them goes red."""

from __future__ import annotations

import inspect

import pytest
from django.urls import URLPattern

from privacy.log_phrases import ANSWERING, PAST, PHRASES
from privacy.log_words import past, said

from .test_urls import OURS

IDS = [name for _, name, _ in OURS]


@pytest.mark.parametrize(("route", "name", "pattern"), OURS, ids=IDS)
def test_every_address_has_words_for_the_log(route: str, name: str, pattern: URLPattern) -> None:
    assert name in PHRASES, f"say in privacy/log_phrases.py what it means that someone opened {name}"
    looked, did = PHRASES[name]
    sent_alone, may_be_sent = takes(pattern)
    assert looked or sent_alone, f"{name} can be looked at: say so in privacy/log_phrases.py"
    assert did or not may_be_sent, f"{name} takes what is sent to it: say in privacy/log_phrases.py what that does"


def takes(pattern: URLPattern) -> tuple[bool, bool]:
    """Whether a view only takes what is sent, and whether it takes anything sent at all; as its source says."""
    source = inspect.getsource(inspect.unwrap(pattern.callback))
    alone = "@require_POST" in source
    return alone, alone or '"POST"' in source or "request.POST" in source


def test_no_words_are_left_of_an_address_that_is_gone() -> None:
    assert set(PHRASES) - set(IDS) == set()
    assert set(ANSWERING) - set(IDS) == set()


@pytest.mark.parametrize("phrase", sorted({each for pair in PHRASES.values() for each in pair if each}))
def test_every_phrase_begins_with_a_verb_that_has_a_past(phrase: str) -> None:
    assert phrase.split()[0] in PAST
    assert past(phrase) != phrase or phrase.split()[0] in {"put", "read", "set"}
    assert "_" not in phrase
    assert not phrase.endswith(".")


@pytest.mark.parametrize(
    ("name", "method", "status", "words"),
    [
        ("desk:chart", "GET", 200, "opened the chart"),
        ("counseling:plan", "GET", 200, "looked at the plan"),
        ("counseling:note_sign", "POST", 302, "signed a note"),
        ("counseling:note_sign", "GET", 200, "read a note before signing"),
        ("counseling:note_sign", "POST", 200, "tried to sign a note: the form came back"),
        ("counseling:note_sign", "POST", 409, "tried to sign a note: a rule refused it"),
        ("counseling:note_sign", "POST", 422, "tried to sign a note: not accepted"),
        ("counseling:note_sign", "POST", 500, "tried to sign a note: it failed"),
        ("desk:chart", "GET", 404, "tried to open the chart: not found, or not theirs to see"),
        ("counseling:notes", "GET", 403, "tried to look at the notes: not allowed"),
        ("desk:chart", "GET", 302, "asked to open the chart: sent to another page"),
        ("counseling:note_edit", "POST", 200, "saved a draft note"),
        ("counseling:goal_add", "GET", 405, "tried to add a goal to the plan: not accepted"),
        ("admin:cases_client_change", "GET", 200, "looked at a client in the administration"),
        ("admin:cases_client_changelist", "GET", 200, "looked at the list of clients in the administration"),
        ("once:there_was", "GET", 200, "opened the page “once: there was”"),
    ],
)
def test_method_and_answer_become_words(name: str, method: str, status: int, words: str) -> None:
    assert said(name, method, status) == words

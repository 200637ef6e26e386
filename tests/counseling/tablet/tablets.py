"""Helpers for tests of tablet sessions."""

from __future__ import annotations

from typing import Any

from django.test import Client as Browser
from django.urls import reverse

from counseling.codes import Instrument
from counseling.instruments import FORMS
from counseling.measures.instrument_texts import Words
from staff.models import StaffMember
from tests.reading import as_read

TABLET = "/tablet/"
PASSWORD = "sample-password-1"
LEADS_THERE = (302, 303)


def say(browser: Browser, *choices: Any, start: int = 1) -> Any:
    """Answer questions in order, beginning with the one numbered `start`; what the last one was answered with."""
    answer = None
    for number, choice in enumerate(choices, start):
        answer = browser.post(f"{TABLET}{number}/", {"answer": choice})
        assert answer.status_code == 302
    return answer


def text(answer: Any) -> str:
    return as_read(answer)


def with_named_answers(words: Words, instrument: str) -> Words:
    """The text of an instrument with a name for the lowest and the highest answer of each question."""
    allowed = {item.key: item.allowed for item in FORMS[Instrument(instrument)].items}
    for row in words.items:
        lowest, highest = min(allowed[row["key"]]), max(allowed[row["key"]])
        row["answers"] = {str(lowest): "Sample lowest", str(highest): "Sample highest"}
    return words


def sign_in(browser: Browser, person: StaffMember, password: str = PASSWORD) -> Any:
    """Say on the tablet that one is staff, and sign in."""
    browser.post(f"{TABLET}staff/")
    return browser.post(reverse("account_login"), {"login": person.email, "password": password})

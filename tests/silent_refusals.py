"""Catches refusals that nobody sees: the sentence stands on a form that the page doesn't draw.

Somebody presses Save, and the page comes back as if nothing had been sent. So every test that sends a form asks, too,
whether what was refused is said in the answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils.html import escape

from staff import refusals

_Exit = Callable[..., bool]


class _Said(threading.local):
    """What was refused on a form in the request under way, by thread."""

    def __init__(self) -> None:
        self.sentences: list[str] = []


def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, a page that answers a refused form without its sentence fails the test."""
    said = _Said()
    shown: _Exit = refusals._Shown.__exit__
    send = Browser.request

    def noted(self: Any, kind: Any, raised: Any, trace: Any) -> bool:
        is_shown = shown(self, kind, raised, trace)
        if is_shown:
            said.sentences.append(raised.sentence)
        return is_shown

    def sent(self: Browser, **request: Any) -> Any:
        said.sentences = []
        answer = send(self, **request)
        if said.sentences and answer.status_code not in (301, 302) and "text/html" in answer.headers["Content-Type"]:
            page = answer.content.decode()
            for sentence in said.sentences:
                assert escape(sentence) in page, f"Refused, and the page doesn’t say it: {sentence}"
        return answer

    monkeypatch.setattr(refusals._Shown, "__exit__", noted)
    monkeypatch.setattr(Browser, "request", sent)

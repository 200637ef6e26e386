"""Text and helpers for tests of SUD counseling notes."""

from __future__ import annotations

import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from tests.reading import without_edges

ASKED_FOR = "quillfeather"  # searched for everywhere …
SECRET = "zanthoxylum"  # … so that this, which no page was asked for, must be nowhere
TEXT = f"He spoke of the {ASKED_FOR} and of {SECRET} for the first time."


def at(name: str, *args: object) -> str:
    return reverse(f"counseling:{name}", args=args)


def today(client: Client) -> datetime.date:
    return timezone.localdate(timezone=client.clinic.zone)


def body(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    html = content.decode("utf-8", "replace")
    return without_edges(html) + html + str(dict(answer.headers))

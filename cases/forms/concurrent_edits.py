"""Concurrent edits of one form: each person changes only the fields they touched; conflicts are shown.

The page carries the values it showed (`shown`). When it is submitted, a field that was left alone takes the value now
on record. A field that was edited is saved as typed, unless someone else has changed the same field in the meantime.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from staff import outside

SHOWN = "shown"


@dataclass(frozen=True)
class Merged:
    """The values to save, and the fields that two people changed."""

    data: QueryDict
    clashes: tuple[str, ...]


def shown(now: forms.BaseForm) -> str:
    """What an unbound form shows, for a hidden field named `shown`."""
    return json.dumps(_fields(now))


def merge(posted: QueryDict, now: forms.BaseForm) -> Merged:
    """Merge the posted values into the row's current ones. `now` is the row's unbound form, read under its lock.

    If a request does not include what it was shown, such as one from a script, its values are all taken.
    """
    before = _parsed(posted.get(SHOWN, ""))
    data = posted.copy()
    if before is None:
        return Merged(data, ())
    clashes = []
    for name, stands in _fields(now).items():
        typed = _posted(now[name], posted.getlist(name))
        was = before.get(name, [])
        if typed == was:
            data.setlist(name, stands)
        elif stands not in (was, typed):
            clashes.append(name)
    return Merged(data, tuple(clashes))


def ask(form: forms.BaseForm, now: forms.BaseForm, clashes: Iterable[str]) -> None:
    """For each field that two people changed, show the value now on record and keep what was typed."""
    for name in clashes:
        field = now[name]
        form.add_error(
            name,
            f"Someone else changed this. It now says “{_in_words(field) or 'nothing'}”. "
            "Your entry is still here; save again to replace theirs.",
        )


def _fields(form: forms.BaseForm) -> dict[str, list[str]]:
    return {field.name: _stored(field) for field in form}


def _stored(field: forms.BoundField) -> list[str]:
    """A field's value as a browser would send it if no one touched it."""
    widget, value = field.field.widget, field.value()
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if widget.check_test(value) else []
    formatted = widget.format_value(value)
    return _tidy(formatted if isinstance(formatted, list | tuple) else [formatted])


def _posted(field: forms.BoundField, values: list[Any]) -> list[str]:
    if isinstance(field.field.widget, forms.CheckboxInput):
        return ["on"] if values else []
    return _tidy(values)


def _tidy(values: Iterable[Any]) -> list[str]:
    """Strip blanks, unify line ends, and sort multiple answers."""
    texts = (str(value).replace("\r\n", "\n").strip() for value in values if value is not None)
    return sorted(text for text in texts if text)


def _in_words(field: forms.BoundField) -> str:
    values = _stored(field)
    labels = {str(value): str(label) for value, label in getattr(field.field, "choices", ())}
    return ", ".join(labels.get(value, value) for value in values)


def _parsed(text: str) -> dict[str, list[str]] | None:
    try:
        found = outside.from_json(text)
    except outside.Unreadable:
        return None
    return found if isinstance(found, dict) else None

"""The finder's questions, drawn once in each state that they have: a page asks seventy things, of which few are chosen.

Only answers that are nothing or one of the form's own choices are kept: nothing that somebody typed.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Any

from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()
_fields: dict[tuple[Any, ...], SafeString] = {}


@register.simple_tag
def chips(field: BoundField, legend: str = "", only: Collection[str] = (), but: Collection[str] = ()) -> SafeString:
    """Radios or boxes as a row of chips; `only` some of the choices, in that order, or all `but` some."""
    widget: Any = field.field.widget
    listed = [(number, str(value), str(words)) for number, (value, words) in enumerate(widget.choices)]
    chosen = set(widget.format_value(field.value())).intersection(value for _, value, _ in listed)
    wanted = [each for each in listed if (not only or each[1] in only) and each[1] not in but]
    if only:
        wanted.sort(key=lambda each: list(only).index(each[1]))
    draw = _chips if field.name != "start" else _chips.__wrapped__  # that one says where somebody lives
    return draw(
        field.html_name,
        widget.input_type,
        legend or str(field.label),
        tuple((field.auto_id + f"_{n}", value, words, value in chosen) for n, value, words in wanted),
    )


@functools.lru_cache(maxsize=500)
def _chips(name: str, kind: str, legend: str, boxes: tuple[tuple[str, str, str, bool], ...]) -> SafeString:
    return render_to_string("referrals/_chips.html", {"name": name, "kind": kind, "legend": legend, "boxes": boxes})


@register.simple_tag
def search_field(field: BoundField) -> SafeString:
    """A field that is chosen from or typed into."""
    choices = tuple((str(value), str(words)) for value, words in getattr(field.field.widget, "choices", ()))
    value = str(field.value() or "")
    if field.errors or (value and value not in dict(choices)):
        return as_crispy_field(field)
    state = (field.html_name, str(field.label), choices, value)
    if state not in _fields:
        _fields[state] = as_crispy_field(field)
    return _fields[state]

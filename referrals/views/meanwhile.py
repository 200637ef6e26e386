"""What was typed for a step that somebody else made impossible meanwhile: none of it is lost.

A closed referral takes notes, and nothing else. So what a form says comes back as the words of a note; where a danger
was told, the note is kept at once, and the danger with it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse

from staff.access import StaffRequest
from staff.days import day_in_words
from staff.refusals import Refusal

DANGER = "reports_danger"


def in_words(form: forms.Form) -> str:
    """What a form says, a line for each of its fields that was filled in; as it was typed, where that is wrong."""
    said = (
        (bound, form.cleaned_data[bound.name] if bound.name in form.cleaned_data else bound.value())
        for bound in form.visible_fields()
        if bound.name != DANGER
    )
    filled_in = ((bound, value) for bound, value in said if not _is_blank(bound, value))
    return "\n".join(f"{bound.label.rstrip('?')}: {_value(bound, value)}" for bound, value in filled_in)


def _is_blank(bound: BoundField, value: object) -> bool:
    return value in (None, "") or (value is False and isinstance(bound.field, forms.BooleanField))


def _value(bound: BoundField, value: object) -> str:
    if value is True:
        return "yes"
    if isinstance(value, datetime.date):
        return day_in_words(value)
    if isinstance(value, datetime.time):
        return f"{value:%-I:%M %p}"
    chosen = str(bound.value())
    return dict(_choices(bound)).get(chosen, str(value))


def _choices(bound: BoundField) -> list[tuple[str, str]]:
    if isinstance(bound.field, forms.ModelChoiceField):
        return []
    return [(str(key), str(label)) for key, label in getattr(bound.field, "choices", ())]


def as_note(
    request: StaffRequest,
    form: forms.Form,
    refusal: Refusal,
    *,
    keep: Callable[..., object],
    note_form: type[forms.Form],
    shown: Callable[[forms.Form], HttpResponse],
    done: Callable[[], HttpResponse],
) -> HttpResponse:
    """The page `shown` with the form's words in the form of a note and the refusal above it; or, where a danger was
    told, what comes when it is `done`: kept as a note by the act `keep`, with its danger.
    """
    words = in_words(form)
    if form.cleaned_data.get(DANGER):
        keep(note=words or "Told with a step that was no longer possible.", reports_danger=True, by=request.user)
        messages.warning(
            request,
            f"{refusal.sentence} What you typed was kept as a note, and the danger you reported is a safety concern.",
        )
        return done()
    again = note_form({"note-note": words}, prefix="note")
    again.full_clean()
    again.add_error("note", "What you typed is here as a note. Save it, or leave it out.")  # where the page scrolls to
    messages.error(request, f"{refusal.sentence} What you typed is below, as a note.")
    return shown(again)

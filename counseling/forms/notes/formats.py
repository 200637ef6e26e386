"""Forms for note formats: name, session types, and sections in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from counseling.codes import Modality
from counseling.models.notes.format import LONGEST_HINT, LONGEST_LABEL, MOST_SECTIONS
from counseling.notes.format_making import Section
from staff import outside

Row = dict[str, Any]  # one section as it was typed: key, label, hint, required
BLANK: Row = {"key": "", "label": "", "hint": "", "required": False}


class FormatForm(forms.Form):
    """A format's name and session types."""

    name = forms.CharField(label="Name", max_length=60, help_text="For example: “Family contact”.")
    kinds = forms.MultipleChoiceField(
        label="Session types",
        choices=Modality.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        help_text="Leave all unchecked to offer it for every session type.",
    )


class SectionForm(forms.Form):
    """One section. A row in which nothing is written is left out."""

    key = forms.CharField(required=False, max_length=31, widget=forms.HiddenInput)
    label = forms.CharField(label="Section name", required=False, max_length=LONGEST_LABEL)
    hint = forms.CharField(
        label="Hint",
        required=False,
        max_length=LONGEST_HINT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    required = forms.BooleanField(label="Required before signing", required=False)

    def clean(self) -> dict[str, Any]:
        """A hint without a name is not a section."""
        cleaned = super().clean() or {}
        if cleaned.get("hint") and not (cleaned.get("label") or "label" in self.errors):
            self.add_error("label", "Enter a section name.")
        return cleaned


SectionForms = forms.formset_factory(SectionForm, extra=0, max_num=MOST_SECTIONS, absolute_max=MOST_SECTIONS + 1)


def rows_of(layout: Iterable[Mapping[str, Any]]) -> list[Row]:
    """A format's sections as form rows."""
    return [{name: part.get(name, BLANK[name]) for name in BLANK} for part in layout]


def rows_typed(data: Any) -> list[Row]:
    """The rows as typed, valid or not, to show them again."""
    count = min(outside.number(data.get("sections-TOTAL_FORMS")) or 0, MOST_SECTIONS)
    return [
        {
            **{name: data.get(f"sections-{place}-{name}", "") for name in ("key", "label", "hint")},
            "required": f"sections-{place}-required" in data,
        }
        for place in range(count)
    ]


def arranged(rows: list[Row], wish: str) -> tuple[list[Row], int | None]:
    """The rows after “add”, “up:2”, “down:2” or “remove:2” was pressed, and the place of the row to go on in."""
    verb, _, where = wish.partition(":")
    rows = list(rows)
    if verb == "add" and len(rows) < MOST_SECTIONS:
        return [*rows, dict(BLANK)], len(rows)
    place = outside.number(where, highest=len(rows) - 1)
    if place is None:
        return rows, None
    if verb == "remove":
        del rows[place]
        return rows, min(place, len(rows) - 1) if rows else None
    other = place + {"up": -1, "down": 1}.get(verb, 0)
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
        return rows, other
    return rows, place


def sections_of(rows: Iterable[Mapping[str, Any]]) -> list[Section]:
    """The rows that say something, as format_making takes them."""
    return [
        Section(label=row["label"], hint=row["hint"], required=row["required"], key=row["key"])
        for row in rows
        if row.get("label", "").strip()
    ]


class KindsForm(forms.Form):
    """Session types that don't need an objective."""

    free = forms.MultipleChoiceField(
        label="Session types that don’t need an objective",
        choices=Modality.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    reason = forms.CharField(
        label="Reason and who decided",
        max_length=200,
        help_text="Saved with the rule.",
    )

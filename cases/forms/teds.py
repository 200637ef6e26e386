"""Admission and discharge data forms, and the dates of an export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from cases.codes import Route, Substance
from cases.data_set_codes import NO_SUBSTANCE, Employment, LivingArrangement, Point, ReferralSource
from cases.forms.fields import YesNoField
from cases.forms.intake.inquiry import ASKED_FIRST
from cases.models import EpisodeDataSet, TreatmentEpisode
from cases.models.teds import SUBSTANCES_AT_MOST
from staff.typed_fields import DayField, NumberField

PARTS = ("substance", "route", "days_used_past_30", "age_at_first_use")
ON_ADMISSION = ("referral_source", "prior_elsewhere", "medication_planned")
_CIRCUMSTANCES = ("employment", "living", "arrests", "meetings", "meetings_some")
_NOT_KNOWN = ("", "Not recorded yet")
_SUBSTANCES = [
    *((each.value, each.label) for each in ASKED_FIRST),
    *((each.value, each.label) for each in Substance if each not in ASKED_FIRST),
]
_NONE_AT = ("None", "No secondary", "No tertiary")


def _number(label: str, most: int, help_text: str = "") -> NumberField:
    range_ = f"Enter a whole number from 0 to {most}."
    return NumberField(
        label=label,
        required=False,
        min_value=0,
        max_value=most,
        help_text=help_text,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), range_),
    )


def _choice(label: str, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[_NOT_KNOWN, *choices])


class DataSetForm(forms.Form):
    """Everything may be blank: that means unknown, and the page lists what is still missing."""

    referral_source = _choice("Referral source", ReferralSource.choices)
    prior_elsewhere = _number(
        "Earlier treatment episodes elsewhere", 99, "Client-reported; 0 for none. Episodes here are already counted."
    )
    medication_planned = YesNoField(label="Medication for opioid use disorder planned?")
    employment = _choice("Employment", Employment.choices)
    living = _choice("Living arrangement", LivingArrangement.choices)
    arrests = _number("Arrests in the past 30 days", 99)
    meetings = _number("Mutual-help meetings in the past 30 days", 30, "Enter 30 for 30 or more.")
    meetings_some = forms.BooleanField(label="Some, number unknown", required=False)

    def __init__(self, *args: Any, point: Point, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.point = point
        if point == Point.DISCHARGE:
            for name in ON_ADMISSION:
                del self.fields[name]
        self.parts = PARTS if point == Point.ADMISSION else ("substance", "days_used_past_30")
        for row in range(SUBSTANCES_AT_MOST):
            self._add_substance(row)

    @property
    def substance_rows(self) -> Iterator[list[forms.BoundField]]:
        """The fields of each row of a substance."""
        return ([self[f"{part}_{row}"] for part in self.parts] for row in range(SUBSTANCES_AT_MOST))

    @property
    def facts(self) -> dict[str, Any]:
        """Everything as data_sets.record takes it."""
        given = self.cleaned_data
        names = (name for name in (*ON_ADMISSION, *_CIRCUMSTANCES) if name in self.fields)
        substances = [
            {part: given[f"{part}_{row}"] for part in self.parts}
            for row in range(SUBSTANCES_AT_MOST)
            if given[f"substance_{row}"]
        ]
        return {**{name: given[name] for name in names}, "substances": substances}

    def clean(self) -> dict[str, Any]:
        """Report contradictions at their fields."""
        given = super().clean() or self.cleaned_data
        if given.get("meetings") is not None and given.get("meetings_some"):
            self.add_error("meetings", "Enter the number or check “number unknown,” not both.")
        seen: list[str] = []
        for row in range(SUBSTANCES_AT_MOST):
            self._check_row(row, given, seen)
        return given

    def _check_row(self, row: int, given: dict[str, Any], seen: list[str]) -> None:
        name, substance = f"substance_{row}", given.get(f"substance_{row}", "")
        details = any(given.get(f"{part}_{row}") not in (None, "") for part in self.parts[1:])
        if not substance:
            if details and name not in self.errors:
                self.add_error(name, "Choose the substance.")
            seen.append("")
            return
        if NO_SUBSTANCE in seen:
            self.add_error(name, "“None” is listed above. Move this one up, or leave it blank.")
        elif "" in seen:
            self.add_error(name, "The row above is blank. Move this one up.")
        elif substance in seen:
            self.add_error(name, f"{Substance(substance).label} is listed twice. Remove one.")
        if substance == NO_SUBSTANCE and details:
            self.add_error(name, "“None” has no details. Choose a substance, or clear the details.")
        seen.append(substance)

    def _add_substance(self, row: int) -> None:
        choices = [_NOT_KNOWN, (NO_SUBSTANCE, _NONE_AT[row]), *_SUBSTANCES]
        self.fields[f"substance_{row}"] = forms.ChoiceField(label="Substance", required=False, choices=choices)
        if "route" in self.parts:
            self.fields[f"route_{row}"] = _choice("Route", Route.choices)
        self.fields[f"days_used_past_30_{row}"] = _number("Days used in past 30", 30)
        if "age_at_first_use" in self.parts:
            self.fields[f"age_at_first_use_{row}"] = _number("Age at first use", 110)


def initial_of(data_set: EpisodeDataSet) -> dict[str, Any]:
    """Values on record, in the form's format."""
    found = {name: getattr(data_set, name) for name in (*ON_ADMISSION, *_CIRCUMSTANCES)}
    for each in data_set.substances.all():
        found |= {f"{part}_{each.rank - 1}": getattr(each, part) for part in PARTS}
    return found


def suggested(episode: TreatmentEpisode, point: Point) -> dict[str, Any]:
    """Substances to start with: at admission, from the return to use that led to it; at discharge, from admission.

    How often and since when is always asked again.
    """
    known: list[tuple[str, str]] = []
    if point == Point.DISCHARGE:
        admission = episode.data_sets.filter(point=Point.ADMISSION).prefetch_related("substances").first()
        known = [(each.substance, "") for each in admission.substances.all()] if admission else []
    elif episode.relapse is not None and not episode.relapse.is_voided:
        known = [(each.substance, each.route) for each in episode.relapse.substances.all()]
    found: dict[str, Any] = {}
    for row, (substance, route) in enumerate(known[:SUBSTANCES_AT_MOST]):
        found |= {f"substance_{row}": substance, f"route_{row}": route}
    return found


class ExportForm(forms.Form):
    """Which rows, from when to when."""

    point = forms.ChoiceField(label="Rows", choices=[(Point.ADMISSION, "Admission"), (Point.DISCHARGE, "Discharge")])
    since = DayField(label="From")
    until = DayField(label="Through")

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        given = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "The end date is before the start date.")
        return given

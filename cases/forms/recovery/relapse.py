"""Return-to-use form, which can be completed over several conversations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.db.models import Q, QuerySet

from cases.codes import CopingOutcome, HighRiskSituation, Route, Substance
from cases.forms.fields import YesNoField
from cases.forms.intake.inquiry import ASKED_FIRST
from cases.models import Client, CopingStrategy, Relapse, RelapseSubstance, Trigger, WarningSign
from cases.models.recovery.learning import Learned
from cases.possible_days import ask_about
from staff.models import StaffMember
from staff.reading import Reading, answer, rows, together
from staff.typed_fields import NumberField, PastDayField

from .when import WhenForm

M = TypeVar("M", bound=Learned)

ROWS_OF_SUBSTANCES = 4
ROWS_OF_NEW_STRATEGIES = 2
WORDING_LENGTH = 200

# Choices with a default: nothing sent for one of them leaves the default, it is no error.
LEFT_ALONE = ("kind", "started_source", "ended_source", "medication_status")

_SUBSTANCES = [
    ("", "None"),
    *((each.value, each.label) for each in ASKED_FIRST),
    *((each.value, each.label) for each in Substance if each not in ASKED_FIRST),
]
_OUTCOMES = [("", "Not tried"), *CopingOutcome.choices]


class LastDayForm(forms.Form):
    """When it ended."""

    ended_on = PastDayField(
        label="Last day of use",
        error_messages=dict.fromkeys(("required", "invalid"), "Enter the last day of use as a date."),
    )

    def __init__(self, data: Any, *, relapse: Relapse) -> None:
        """A page has one form per ongoing return to use; a number in the prefix keeps their fields apart."""
        super().__init__(data, auto_id=f"return-{relapse.pk}-%s")
        self.relapse = relapse


class VoidForm(forms.Form):
    """Why a return to use is struck out."""

    reason = forms.CharField(
        label="Why", max_length=200, help_text="For example: entered for the wrong client; wrong year."
    )


class LinesField(forms.CharField):
    """Several wordings, one a line; a list without blank lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)

    def clean(self, value: Any) -> list[str]:
        """The lines, each short enough to be a wording."""
        lines = [" ".join(line.split()) for line in str(super().clean(value)).splitlines()]
        if any(len(line) > WORDING_LENGTH for line in lines):
            raise forms.ValidationError(
                f"Keep each line under {WORDING_LENGTH} characters. Put details in the text fields."
            )
        return [line for line in lines if line]


@dataclass(frozen=True)
class _OnRecord:
    triggers: list[int]
    signs: list[int]
    substances: list[RelapseSubstance]
    tried: dict[int, str]


def _on_record(relapse: Relapse) -> Reading[_OnRecord]:
    """What hangs on a return to use; nothing on a new one."""
    if relapse.pk is None:
        return _OnRecord([], [], [], {})
    triggers, signs, substances, tried = yield from together(
        rows(relapse.triggers.values_list("pk", flat=True)),
        rows(relapse.warning_signs.values_list("pk", flat=True)),
        rows(relapse.substances.all()),
        rows(relapse.coping.values_list("strategy", "outcome")),
    )
    return _OnRecord(triggers, signs, substances, dict(tried))


def _still_offered(known: QuerySet[M], client: Client, chosen: Iterable[int]) -> QuerySet[M]:
    return known.filter(Q(no_longer_true_since=None) | Q(pk__in=list(chosen)), client=client)


class RelapseForm(WhenForm):
    """The whole record on one page. Only the first day is required; the rest can be added later."""

    unconfirmed = forms.BooleanField(
        label="Reported, not confirmed",
        required=False,
        help_text="An unconfirmed report never changes the sobriety date.",
    )
    days_used = NumberField(label="Days of use", min_value=1, help_text="Days with any use, first to last.")
    situations = forms.MultipleChoiceField(
        label="Situations", choices=HighRiskSituation.choices, widget=forms.CheckboxSelectMultiple
    )
    injected = YesNoField(label="Injected")
    used_alone = YesNoField(label="Used alone")
    naloxone_given = YesNoField(label="Naloxone given")
    emergency_department = YesNoField(label="Emergency department visit")
    known_triggers = forms.ModelMultipleChoiceField(
        Trigger.objects.none(), label="Known triggers involved", widget=forms.CheckboxSelectMultiple
    )
    new_triggers = LinesField(label="New triggers, one per line", help_text="Use the client's own words when possible.")
    known_signs = forms.ModelMultipleChoiceField(
        WarningSign.objects.none(), label="Known warning signs present", widget=forms.CheckboxSelectMultiple
    )
    new_signs = LinesField(label="New warning signs, one per line")
    told_of_tolerance = forms.BooleanField(label="I explained this", required=False)

    class Meta:
        model = Relapse
        fields = (
            "kind", "started_on", "started_precision", "started_source", "ended_on", "ended_precision", "ended_source",
            "days_used", "longest_abstinence_before_days", "injected", "used_alone", "overdosed_on", "naloxone_given",
            "emergency_department", "situations", "primary_situation", "abstinence_violation", "emotional_state",
            "precipitant", "worked_before", "learned", "plan_change", "supports_contacted", "medication_status",
        )  # fmt: skip
        labels = {
            "kind": "Lapse or relapse",
            "started_source": "Source",
            "ended_source": "Source",
            "longest_abstinence_before_days": "Longest time without use before this, in days",
            "overdosed_on": "Date of overdose",
            "primary_situation": "Main situation",
            "abstinence_violation": "Felt “I've blown it, so I might as well keep going”",
            "emotional_state": "Feelings before",
            "precipitant": "What happened just before",
            "worked_before": "What had been working",
            "learned": "What was learned",
            "plan_change": "What will change",
            "supports_contacted": "Who was contacted",
            "medication_status": "Medication for addiction treatment",
        }
        help_texts = {
            "abstinence_violation": "Abstinence violation effect: one slip feels like total failure. Worth discussing.",
            "learned": "In the client's own words: what they would tell someone in the same situation.",
            "supports_contacted": "",
        }
        field_classes = {"overdosed_on": PastDayField, "longest_abstinence_before_days": NumberField}
        widgets = {
            **{
                name: forms.Textarea(attrs={"rows": 2})
                for name in (
                    "emotional_state", "precipitant", "worked_before", "learned", "plan_change", "supports_contacted",
                )
            },
        }  # fmt: skip

    def __init__(self, *args: Any, client: Client, reader: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client = client
        ask_about(self, client)
        on_record = answer(_on_record(self.instance))
        triggers, signs, strategies = answer(
            together(
                rows(_still_offered(Trigger.objects.visible_to(reader), client, on_record.triggers)),
                rows(_still_offered(WarningSign.objects.visible_to(reader), client, on_record.signs)),
                rows(_still_offered(CopingStrategy.objects.visible_to(reader), client, on_record.tried)),
            )
        )
        self._narrow("known_triggers", triggers, on_record.triggers)
        self._narrow("known_signs", signs, on_record.signs)
        self._add_substances(on_record.substances)
        self._add_strategies(strategies, on_record.tried)
        main = self.fields["primary_situation"]
        assert isinstance(main, forms.ChoiceField)
        main.choices = [("", "None in particular"), *HighRiskSituation.choices]
        self.show_when()
        self.initial["unconfirmed"] = not self.instance.is_confirmed
        for field in self.fields.values():
            field.required = False

    @property
    def substance_rows(self) -> Iterator[dict[str, forms.BoundField]]:
        """The substance rows, each a dict of its fields."""
        parts = ("substance", "route", "typical_amount", "peak_amount")
        return ({part: self[f"{part}_{row}"] for part in parts} for row in range(self.rows_of_substances))

    @property
    def strategy_fields(self) -> list[forms.BoundField]:
        """One field for each strategy that is known."""
        return [self[f"coping_{pk}"] for pk in self.strategies]

    @property
    def new_strategy_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """Other strategies that were tried, and their results."""
        return ((self[f"new_coping_{row}"], self[f"new_outcome_{row}"]) for row in range(ROWS_OF_NEW_STRATEGIES))

    @property
    def facts(self) -> dict[str, Any]:
        """Everything as relapses.record takes it."""
        given = self.cleaned_data
        rows = range(self.rows_of_substances)
        details = ("route", "typical_amount", "peak_amount")
        tried = [(row, given[f"coping_{pk}"]) for pk, row in self.strategies.items() if given[f"coping_{pk}"]]
        new = [(given[f"new_coping_{row}"], given[f"new_outcome_{row}"]) for row in range(ROWS_OF_NEW_STRATEGIES)]
        return {
            **{name: given[name] for name in self.Meta.fields},
            "is_confirmed": not given["unconfirmed"],
            "substances": [
                {"substance": given[f"substance_{row}"], **{part: given[f"{part}_{row}"] for part in details}}
                for row in rows
                if given[f"substance_{row}"]
            ],
            "triggers": [*given["known_triggers"], *given["new_triggers"]],
            "warning_signs": [*given["known_signs"], *given["new_signs"]],
            "coping_tried": [*tried, *(pair for pair in new if pair[0])],
        }

    def clean(self) -> dict[str, Any]:
        """Fields left alone keep their defaults; contradictions are reported at their fields."""
        given = super().clean() or self.cleaned_data
        for name in LEFT_ALONE:
            given[name] = given.get(name) or getattr(Relapse(), name)
        self.read_when(given)
        main = given.get("primary_situation")
        if main and main not in given.get("situations", []):
            given["situations"] = [*given.get("situations", []), main]
        self._check_substances(given)
        for row in range(ROWS_OF_NEW_STRATEGIES):
            if given.get(f"new_coping_{row}") and not given.get(f"new_outcome_{row}"):
                self.add_error(f"new_outcome_{row}", "Choose the result.")
        self._check_day(given)
        return given

    def validate_constraints(self) -> None:
        """The functions enforce the rules, with sentences of their own."""

    def _check_substances(self, given: dict[str, Any]) -> None:
        seen = set()
        for row in range(self.rows_of_substances):
            substance = given.get(f"substance_{row}")
            if substance and substance in seen:
                self.add_error(f"substance_{row}", f"{Substance(substance).label} is listed twice. Remove one.")
            seen.add(substance)
            if not substance and any(given.get(f"{part}_{row}") for part in ("route", "typical_amount", "peak_amount")):
                self.add_error(f"substance_{row}", "Choose the substance.")

    def _check_day(self, given: dict[str, Any]) -> None:
        """A form that is sent twice is not a second return to use."""
        day = given.get("started_on")
        if self.instance.pk is None and day and Relapse.objects.filter(client=self.client, started_on=day).exists():
            self.add_error("started_on", "A return to use with this start date is already on record. Add to that one.")

    def _narrow(self, name: str, offered: list[Any], chosen: list[int]) -> None:
        """Offer items that are still current, plus those already in this record."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        assert field.queryset is not None
        field.queryset = field.queryset.model._default_manager.filter(pk__in=[row.pk for row in offered])
        field.choices = [(row.pk, str(row)) for row in offered]  # read once, however often the page shows them
        self.initial[name] = chosen

    def _add_substances(self, known: list[RelapseSubstance]) -> None:
        self.rows_of_substances = max(ROWS_OF_SUBSTANCES, len(known) + 1)
        for row in range(self.rows_of_substances):
            self.fields[f"substance_{row}"] = forms.ChoiceField(label="Substance", choices=_SUBSTANCES)
            self.fields[f"route_{row}"] = forms.ChoiceField(
                label="Route", choices=[("", "Not recorded"), *Route.choices]
            )
            self.fields[f"typical_amount_{row}"] = forms.CharField(label="Usual amount per day", max_length=60)
            self.fields[f"peak_amount_{row}"] = forms.CharField(label="Most in one day", max_length=60)
        for row, substance in enumerate(known):
            for part in ("substance", "route", "typical_amount", "peak_amount"):
                self.initial[f"{part}_{row}"] = getattr(substance, part)

    def _add_strategies(self, offered: list[CopingStrategy], tried: dict[int, str]) -> None:
        self.strategies: dict[int, CopingStrategy] = {row.pk: row for row in offered}
        for pk, row in self.strategies.items():
            self.fields[f"coping_{pk}"] = forms.ChoiceField(
                label=row.wording, choices=_OUTCOMES, widget=forms.RadioSelect, initial=tried.get(pk, "")
            )
        for number in range(ROWS_OF_NEW_STRATEGIES):
            self.fields[f"new_coping_{number}"] = forms.CharField(
                label="Other strategy tried", max_length=WORDING_LENGTH
            )
            self.fields[f"new_outcome_{number}"] = forms.ChoiceField(
                label="Result", choices=[("", "Choose"), *CopingOutcome.choices]
            )

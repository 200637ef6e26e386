"""Forms of counseling. They check input; the functions enforce the rules."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cases.models import CopingStrategy, Trigger, WarningSign
from cases.possible_days import ask_about, latest_today
from cases.safety.safety_holds import LONGEST_REASON
from counseling.codes import Modality, Place, RiskScreen
from counseling.models import DischargePlan, Goal, Objective, SafetyPlan, SessionNote
from counseling.notes import draft_merge
from staff import outside
from staff.confirming import SignatureForm
from staff.typed_days import DayNotPossible, minutes_between, wall_clock, wall_clock_after
from staff.typed_fields import ClockField, PastDayField, PlannedDayField

LONGEST_SESSION = 12 * 60  # minutes


class OfferedRowsField(forms.ModelMultipleChoiceField):
    """Chooses among rows that the page has read, in their order."""

    def __init__(self, model: type[Goal] | type[Objective], **kwargs: Any) -> None:
        super().__init__(queryset=model._default_manager.none(), required=False, **kwargs)
        self.offered: Sequence[Goal] | Sequence[Objective] = ()

    def clean(self, value: Any) -> Any:
        """Rows; none of them without asking the database."""
        chosen = super().clean(value)
        return chosen if isinstance(chosen, list) else []

    def _check_values(self, value: Any) -> Any:
        try:
            sent = {str(each) for each in value}
        except TypeError as error:
            raise ValidationError(self.error_messages["invalid_list"], code="invalid_list") from error
        known = {str(row.pk) for row in self.offered}
        for each in sorted(sent - known):
            code = "invalid_choice" if outside.number(each) is not None else "invalid_pk_value"
            raise ValidationError(self.error_messages[code], code=code, params={"value": each, "pk": each})
        return [row for row in self.offered if str(row.pk) in sent]


class NoteHeaderForm(forms.Form):
    """When, where and with whom the session took place, what it addressed, and the risk screen."""

    session_on = PastDayField(label="Session date")
    begins = ClockField(label="Start time")
    ends = ClockField(label="End time", required=False)
    modality = forms.ChoiceField(label="Session type", choices=Modality.choices)
    place = forms.ChoiceField(label="Location", choices=Place.choices)
    attendees = forms.CharField(label="Attendees", max_length=200, required=False)
    next_session_on = PlannedDayField(label="Next session", required=False)
    goals = OfferedRowsField(Goal, label="Goals", widget=forms.CheckboxSelectMultiple)
    objectives = OfferedRowsField(Objective, label="Objectives", widget=forms.CheckboxSelectMultiple)
    risk_screen = forms.ChoiceField(
        label="Screened for risk of suicide, violence and overdose?",
        choices=RiskScreen.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    risk_detail = forms.CharField(
        label="Findings and actions taken", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, *args: Any, note: SessionNote, goals: Sequence[Goal], objectives: Sequence[Objective], **kwargs: Any
    ) -> None:
        self.note = note
        kwargs["initial"] = self.begun_with(note)
        super().__init__(*args, **kwargs)
        ask_about(self, note.client, today=latest_today(note.client))
        if note.own_format is not None and note.own_format.kinds:
            kinds = [pair for pair in Modality.choices if note.own_format.is_for(pair[0])]
            self.fields["modality"].choices = kinds  # type: ignore[attr-defined]
        self.offered_goals, self.offered_objectives = goals, objectives
        self.fields["goals"].offered = goals  # type: ignore[attr-defined]
        self.fields["objectives"].offered = objectives  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Turn date and times into two moments in the reader's zone; a session may run past midnight."""
        cleaned = super().clean() or {}
        day, begins, ends = cleaned.get("session_on"), cleaned.get("begins"), cleaned.get("ends")
        if day is None or begins is None:
            return cleaned
        zone = timezone.get_current_timezone()
        try:
            start = self._as_it_stands(self.note.session_started_at, day, begins) or wall_clock(day, begins, zone)
        except DayNotPossible as refusal:
            self.add_error("begins", refusal.sentence)
            return cleaned
        try:
            stop = wall_clock_after(start, ends, zone) if ends else None
        except DayNotPossible as refusal:
            self.add_error("ends", refusal.sentence)
            return cleaned
        if stop is not None and minutes_between(start, stop) > LONGEST_SESSION:
            self.add_error("ends", "The end time must be after the start time.")
        cleaned["session_started_at"], cleaned["session_ended_at"] = start, stop
        return cleaned

    @staticmethod
    def _as_it_stands(kept: datetime.datetime, day: datetime.date, begins: datetime.time) -> datetime.datetime | None:
        """The time on record if the form shows it unchanged: it may be the second occurrence of a repeated hour."""
        shown = timezone.localtime(kept)
        same = (shown.date(), shown.time().replace(second=0, microsecond=0)) == (day, begins.replace(microsecond=0))
        return kept if same and shown.fold else None

    @staticmethod
    def begun_with(note: SessionNote) -> dict[str, Any]:
        """The fields' values as the note has them; date and times in the reader's zone."""
        begins, ends = timezone.localtime(note.session_started_at), note.session_ended_at
        return {
            "session_on": begins.date(),
            "begins": begins.time(),
            "ends": timezone.localtime(ends).time() if ends else None,
            **{name: getattr(note, name) for name in draft_merge.DETAILS},
            **{name: [each.pk for each in getattr(note, name).all()] for name in draft_merge.LINKED},
        }

    def as_sent(self, note: SessionNote) -> dict[str, list[str]]:
        """The note's header by field, each as a browser would send it: what a page shows after a save."""
        values = {name: self.fields[name].widget.format_value(v) for name, v in self.begun_with(note).items()}
        return {n: v if isinstance(v, list) else [v or ""] for n, v in values.items()}

    def fields_for_note(self) -> dict[str, Any]:
        """What `notes.save_draft` takes: every valid field, even if others are invalid. The times count as one."""
        times = {"session_on", "begins", "ends"}
        apart = times | ({"session_started_at", "session_ended_at"} if times & set(self.errors) else set())
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}


def sections_in(data: Any, note: SessionNote) -> dict[str, str]:
    """A note's section texts from a submitted form, as typed."""
    names = {section["key"]: f"section_{section['key']}" for section in note.layout}
    return {key: data[name] for key, name in names.items() if name in data}


class SignForm(SignatureForm):
    """Signing a note, with a reason if a required safety step was not done."""

    went_on_because = forms.CharField(
        label="Why it can’t be done first",
        required=False,
        max_length=LONGEST_REASON,
        help_text="Only if the client can no longer be reached. Saved with your signature.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("went_on_because", "password", "credential")

    def __init__(self, *args: Any, is_held: bool = False, **kwargs: Any) -> None:
        """Ask for a reason only if one is needed."""
        super().__init__(*args, **kwargs)
        if not is_held:
            del self.fields["went_on_because"]


class AddendumForm(SignatureForm):
    """An addendum, signed like the note."""

    text = forms.CharField(label="Addendum", widget=forms.Textarea(attrs={"rows": 4}))
    reason = forms.CharField(label="Reason", max_length=200, help_text="For example: wrong date, left out, wrong name.")

    field_order = ("text", "reason", "password", "credential")


class GoalForm(forms.Form):
    """A goal to work on."""

    wording = forms.CharField(label="Goal", max_length=300, help_text="In the client’s own words if possible.")
    need = forms.CharField(
        label="Need it addresses",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "plan-needs"}),
        help_text="Choose one of the needs in the plan.",
    )


class ObjectiveForm(forms.Form):
    """A measurable step toward a goal."""

    wording = forms.CharField(
        label="Objective", max_length=300, help_text="Make it measurable: how will you both know it is met?"
    )
    intervention = forms.CharField(label="Intervention", max_length=200, required=False)
    due_on = PlannedDayField(label="Target date", required=False)


STEP_CHARACTERS, STEP_LINES = 800, 10  # of a step of the safety plan: what six of them leave on one page


class SafetyPlanForm(forms.ModelForm):
    """The six steps, in order; each short enough that all of them stay on one page."""

    class Meta:
        model = SafetyPlan
        fields = [
            "warning_signs",
            "internal_coping",
            "distraction",
            "people_to_ask",
            "professionals",
            "safer_environment",
        ]
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in fields}

    def clean(self) -> dict[str, Any]:
        """Report each step that is too long."""
        said = super().clean() or {}
        for name, text in list(said.items()):  # a fault takes its part out of what was said
            if len(text) > STEP_CHARACTERS or len(text.splitlines()) > STEP_LINES:
                self.add_error(
                    name,
                    f"Keep each step to {STEP_LINES} lines and {STEP_CHARACTERS} characters so the plan fits on one "
                    f"page. This one has {len(text.splitlines())} lines and {len(text)} characters.",
                )
        return said


class DischargePlanForm(forms.ModelForm):
    """The discharge plan."""

    class Meta:
        model = DischargePlan
        fields = [
            "high_risk_situations",
            "triggers",
            "warning_signs",
            "what_helps",
            "strategies",
            "if_use_returns",
            "supports",
            "medication",
            "continuing_care",
        ]
        widgets = {
            **{
                name: forms.Textarea(attrs={"rows": 3})
                for name in fields
                if name not in {"triggers", "warning_signs", "strategies"}
            },
            "triggers": forms.CheckboxSelectMultiple,
            "warning_signs": forms.CheckboxSelectMultiple,
            "strategies": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, known: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("triggers", "warning_signs", "strategies"):
            self.fields[name].queryset = known[name]  # type: ignore[attr-defined]
            self.fields[name].help_text = ""

    def offer(self, known: Mapping[str, Sequence[object]]) -> None:
        """Show the rows of `known`, which the page has read."""
        for name, listed in known.items():
            self.fields[name].choices = [(row.pk, str(row)) for row in listed]  # type: ignore[attr-defined]

    @staticmethod
    def models_named() -> dict[str, type[Trigger] | type[WarningSign] | type[CopingStrategy]]:
        """Which model each list of known things holds."""
        return {"triggers": Trigger, "warning_signs": WarningSign, "strategies": CopingStrategy}

"""Medical need forms: the reason for an override, and the evaluation."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.models.assessments import LONGEST_REASON
from staff.access import Permission, can
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity


class UnmetNeedField(forms.CharField):
    """Why a supervisor chooses a level or program although it cannot meet the medical need that was decided."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {
            "label": "If it can’t meet the medical need: why choose it",
            "required": False,
            "max_length": LONGEST_REASON,
            "help_text": "Say how the need will be met meanwhile. The reason stays on record.",
            **kwargs,
        }
        super().__init__(**kwargs)


def only_for_supervisors(form: forms.Form, staff_member: StaffMember) -> None:
    """Remove the field for users whose reason would not be enough."""
    if not can(staff_member, Permission.EPISODE_OVERRIDE):
        del form.fields["unmet_need_reason"]


class EvaluationForm(forms.Form):
    """A medical provider's findings and actions, and what is still needed."""

    found = forms.CharField(label="Findings", widget=forms.Textarea(attrs={"rows": 3}))
    done = forms.CharField(
        label="Actions taken",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Who saw or spoke with them, where and when; medication started; where they were sent.",
    )
    need = forms.TypedChoiceField(
        label="Still needed",
        coerce=int,
        choices=[
            (MedicalIntensity.NONE.value, "Nothing: need met"),
            (MedicalIntensity.EVALUATION.value, "Another medical evaluation within 24 hours"),
            (MedicalIntensity.MANAGED.value, MedicalIntensity.MANAGED.label),
            (MedicalIntensity.EMERGENCY.value, MedicalIntensity.EMERGENCY.label),
        ],
        widget=forms.RadioSelect,
    )

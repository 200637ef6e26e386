"""About a medical need: why a level or program that cannot meet it all the same, and what an evaluation found."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.models.assessment import LONGEST_REASON
from staff.access import Permission, can
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity


class UnmetNeedField(forms.CharField):
    """Why a supervisor chooses a level or program although it cannot meet the medical need that was decided."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {
            "label": "If it cannot meet the medical need: why all the same",
            "required": False,
            "max_length": LONGEST_REASON,
            "help_text": "Say how the need is met until then. The reason stays on record.",
            **kwargs,
        }
        super().__init__(**kwargs)


def only_for_supervisors(form: forms.Form, staff_member: StaffMember) -> None:
    """Take the field off the forms of those whose reason would not be enough."""
    if not can(staff_member, Permission.EPISODE_OVERRIDE):
        del form.fields["unmet_need_reason"]


class EvaluationForm(forms.Form):
    """What a medical provider found and did, and what is still needed."""

    found = forms.CharField(label="What was found", widget=forms.Textarea(attrs={"rows": 3}))
    done = forms.CharField(
        label="What was done",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Seen or spoken to, where and when; medication begun; sent where.",
    )
    need = forms.TypedChoiceField(
        label="What is still needed",
        coerce=int,
        choices=[
            (MedicalIntensity.NONE.value, "Nothing more: it is met, or met elsewhere by now"),
            (MedicalIntensity.EVALUATION.value, "Another medical evaluation within 24 hours"),
            (MedicalIntensity.MANAGED.value, MedicalIntensity.MANAGED.label),
            (MedicalIntensity.EMERGENCY.value, MedicalIntensity.EMERGENCY.label),
        ],
        widget=forms.RadioSelect,
    )

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from staff.history import tracked
from staff.models import Clinic, StaffMember


def is_layout(value: Any) -> None:
    """Refuse anything but a list of at least one {"key", "label", "hint"} with keys of their own."""
    if not isinstance(value, list) or not value:
        raise ValidationError("Give a list with at least one section.")
    keys = []
    for section in value:
        if not isinstance(section, dict) or set(section) - {"key", "label", "hint"} or not section.get("label"):
            raise ValidationError("Each section has a key, a label and a hint.")
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", str(section.get("key", ""))):
            raise ValidationError("A section's key is a short word in small letters.")
        keys.append(section["key"])
    if len(set(keys)) != len(keys):
        raise ValidationError("Two sections have the same key.")


class NoteFormatQuerySet(models.QuerySet["NoteFormat"]):
    def visible_to(self, staff_member: StaffMember) -> NoteFormatQuerySet:
        """Formats of the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)


@tracked
class NoteFormat(models.Model):
    """A format that a clinic made itself, beside those that ship (counseling/formats.py). Data, not code."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="note_formats")
    code = models.SlugField(max_length=20)
    name = models.CharField(max_length=60)
    layout = models.JSONField(
        validators=[is_layout], help_text='Sections in order: [{"key": "focus", "label": "Focus", "hint": "…"}].'
    )
    is_offered = models.BooleanField(default=True, help_text="Offered for new notes. Old notes keep their own layout.")

    objects = NoteFormatQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=("clinic", "code"), name="note_format_code_once_per_clinic")]

    def __str__(self) -> str:
        return self.name

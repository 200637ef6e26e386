"""A clinic's own note formats. Each version is a row; a version that notes use never changes."""

from __future__ import annotations

import re
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Lower
from django.utils import timezone

from counseling.codes import Modality, ShippedFormat
from staff.history import tracked
from staff.models import Clinic, StaffMember

MOST_SECTIONS = 12
LONGEST_LABEL, LONGEST_HINT = 60, 200


def is_layout(value: Any) -> None:
    """Refuse anything but a list of at least one {"key", "label", "hint", "required"} with keys of their own.

    The database asks the same of every row (counseling_layout_is_whole, migration 0001_initial).
    """
    if not isinstance(value, list) or not value:
        raise ValidationError("Enter at least one section.")
    keys = []
    for section in value:
        allowed = {"key", "label", "hint", "required"}
        if not isinstance(section, dict) or set(section) - allowed or not str(section.get("label", "")).strip():
            raise ValidationError("Each section has a key, a label and a hint.")
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", str(section.get("key", ""))):
            raise ValidationError("A section’s key is a short lowercase word.")
        keys.append(section["key"])
    if len(set(keys)) != len(keys):
        raise ValidationError("Two sections have the same key.")


class NoteFormatQuerySet(models.QuerySet["NoteFormat"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """Formats of the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)

    def offered(self) -> Self:
        """Formats available for new notes."""
        return self.filter(is_offered=True)

    def last_versions(self) -> Self:
        """The last version of each format, whether offered or not."""
        return self.annotate(
            latest_version=Subquery(
                NoteFormat.objects.filter(clinic=OuterRef("clinic"), code=OuterRef("code"))
                .order_by()
                .values("code")
                .annotate(last=Max("version"))
                .values("last")
            )
        ).filter(version=F("latest_version"))


@tracked
class NoteFormat(models.Model):
    """One version of a clinic's own format, besides those that ship (counseling/notes/formats.py). Data, not code.

    `code` ties the versions together and is never shown. A version that notes use is locked: a trigger refuses to
    change its text or delete it; only whether it is offered may change. Any other change makes the next version.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="note_formats")
    code = models.SlugField(max_length=20)
    version = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=60)
    layout = models.JSONField(validators=[is_layout], help_text="Sections in order: key, label, hint, required.")
    kinds = ArrayField(
        models.CharField(max_length=16, choices=Modality),
        default=list,
        blank=True,
        verbose_name="session types",
        help_text="Session types it is offered for; empty: all.",
    )
    is_offered = models.BooleanField(default=True, help_text="Offered for new notes.")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now)

    objects = NoteFormatQuerySet.as_manager()

    class Meta:
        ordering = (Lower("name"), "-version")
        constraints = [
            models.UniqueConstraint(fields=("clinic", "code", "version"), name="note_format_version_once"),
            models.UniqueConstraint(
                fields=("clinic", "code"), condition=Q(is_offered=True), name="note_format_offered_in_one_version"
            ),
            models.UniqueConstraint(
                "clinic",
                Lower("name"),
                condition=Q(is_offered=True),
                name="note_format_name_offered_once",
                violation_error_message="Another format already has this name.",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="note_format_version_from_1"),
            models.CheckConstraint(condition=~Q(name__regex=r"^\s*$"), name="note_format_has_a_name"),
            models.CheckConstraint(
                condition=~Q(code__in=ShippedFormat.values), name="note_format_code_is_no_shipped_one"
            ),
            models.CheckConstraint(condition=Q(kinds__contained_by=Modality.values), name="note_format_kinds_exist"),
            models.CheckConstraint(
                condition=models.Func(
                    F("layout"), function="counseling_layout_is_whole", output_field=models.BooleanField()
                ),
                name="note_format_layout_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    @property
    def fits(self) -> str:
        """For which session types, in words."""
        return kinds_in_words(self.kinds)

    def is_for(self, kind: str) -> bool:
        """Whether a note about this kind of session can be written in it."""
        return not self.kinds or kind in self.kinds


def kinds_in_words(kinds: list[str]) -> str:
    """“Family session, couple session”, in the order of the list of kinds; “Every session type” for none."""
    named = [label for value, label in Modality.choices if value in kinds]
    return ", ".join([*named[:1], *(label.lower() for label in named[1:])]) or "Every session type"


class SessionKindRuleQuerySet(models.QuerySet["SessionKindRule"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """Rules of the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)


@tracked
class SessionKindRule(models.Model):
    """Whether notes of one session type must name an objective here, if the clinic differs from the default."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="session_kind_rules")
    kind = models.CharField(max_length=16, choices=Modality)
    needs_objective = models.BooleanField("names an objective")
    reason = models.CharField(max_length=200, blank=True, help_text="Reason and who decided.")

    objects = SessionKindRuleQuerySet.as_manager()

    class Meta:
        ordering = ("kind",)
        constraints = [
            models.UniqueConstraint(fields=("clinic", "kind"), name="session_kind_rule_once"),
            models.CheckConstraint(condition=Q(kind__in=Modality.values), name="session_kind_rule_kind_exists"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {'an objective' if self.needs_objective else 'no objective needed'}"

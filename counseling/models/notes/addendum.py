from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from staff.credentials import SignedWith
from staff.history import tracked

from .note import NotePartQuerySet, SessionNote
from .words import TextWords


@tracked
class Addendum(models.Model):
    """A correction or addition under a signed note: authored, dated, with its reason. Append-only; the note stays."""

    note = models.ForeignKey(SessionNote, on_delete=models.PROTECT, related_name="addenda")
    text = models.TextField()
    reason = models.CharField(max_length=200)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=124, help_text="Name and credential of the author at the time.")
    at = models.DateTimeField()
    hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its text; empty if older than the rule.")
    text_version = models.PositiveSmallIntegerField(default=1, help_text="Version of the rules for that text.")
    signed_with = models.CharField(max_length=8, choices=SignedWith, blank=True)
    words = models.GeneratedField(expression=TextWords("text"), output_field=SearchVectorField(), db_persist=True)

    objects = NotePartQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        verbose_name_plural = "addenda"
        constraints = [
            models.CheckConstraint(condition=~Q(text="") & ~Q(reason=""), name="addendum_has_text_and_reason"),
            models.CheckConstraint(condition=Q(hash__regex=r"^[0-9a-f]{64}$"), name="addendum_hash_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"Addendum {self.pk}"

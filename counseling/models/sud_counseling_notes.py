from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import CareTeamMember, Client, TreatmentEpisode
from cases.models.visibility import ClientRecordQuerySet, M
from privacy.models import Disclosure
from staff.access import Permission, can
from staff.credentials import SignedWith
from staff.day_rules import since_1900
from staff.encrypted_fields import EncryptedTextField, NumberedFirst, OnlyCiphertext
from staff.history import tracked
from staff.models import Clinic

if TYPE_CHECKING:
    from staff.models import StaffMember


class SeparateRecordQuerySet(ClientRecordQuerySet[M]):
    view_permission = Permission.NOTE_SEPARATE
    author_path: ClassVar[str] = "author"

    def visible_to(self, staff_member: StaffMember) -> Self:
        """Only the person's own notes, never through emergency access; no role can see more."""
        own = super().visible_to(staff_member).filter(**{self.author_path: staff_member})
        if can(staff_member, Permission.CLIENT_VIEW_ALL):
            return own
        standing = CareTeamMember.objects.caseload(staff_member)
        standing = standing.exclude(part=CareTeamMember.Part.EMERGENCY)
        return own.filter(**{f"{self.client_path}__in": standing.values("client")})


# The history says when a note was begun, signed or moved, and holds none of its words: a copy would be a second place
# to keep closed. Saving a draft changes nothing but the words, and leaves no row.
@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=["text", "version", "saved_at"])),
    pghistory.DeleteEvent(),
    append_only=True,
    exclude=["text"],
)
class SeparateNote(NumberedFirst):
    """A SUD counseling note (42 CFR 2.11; 45 CFR 164.501), kept separate from the record.

    A separate table that no list, search, timeline or export of the record reads, and that cannot be reached from a
    client or an episode: the relations have no name there. Signing is optional; once signed, the database refuses any
    change (migration 0003_plans_and_homework), as for session notes.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    session_on = models.DateField("session date")
    text = EncryptedTextField(of="counseling.SeparateNote.text", blank=True)

    version = models.PositiveIntegerField(default=1, help_text="Counts saves, so that two tabs never overwrite.")
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what was signed.")

    signed_with = models.CharField(max_length=8, choices=SignedWith, blank=True)

    objects = SeparateRecordQuerySet["SeparateNote"].as_manager()

    is_held_apart = True  # pages that count what hangs on a client leave it out (cases.merging.what_would_move)

    class Meta:
        ordering = ("-session_on", "-pk")
        constraints = [
            *since_1900("session_on", prefix="separate_note"),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None, hash="", signed_with="")
                | Q(signed_at__isnull=False, signed_by__isnull=False, hash__regex=r"^[0-9a-f]{64}$"),
                name="separate_note_signature_whole",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | Q(signed_by=F("author")), name="separate_note_signed_by_its_author"
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None) | ~Q(text=""), name="separate_note_says_something_once_signed"
            ),
            OnlyCiphertext(column="text", name="separate_note_is_encrypted"),
        ]
        indexes = [models.Index(fields=("author", "client", "-session_on", "-id"), name="separate_note_by_author")]

    def __str__(self) -> str:
        return f"Separate note {self.pk}"


class SeparateDisclosureQuerySet(SeparateRecordQuerySet["SeparateDisclosure"]):
    client_path = "note__client"
    author_path = "note__author"


@tracked
class SeparateDisclosure(models.Model):
    """Links one SUD counseling note to the disclosure it went out with. Append-only; the disclosure has the details."""

    note = models.ForeignKey(SeparateNote, on_delete=models.PROTECT, related_name="disclosed")
    disclosure = models.OneToOneField(Disclosure, on_delete=models.PROTECT, related_name="+")

    objects = SeparateDisclosureQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Disclosure of separate note {self.note_id}"


class SeparateForClientQuerySet(SeparateRecordQuerySet["SeparateForClient"]):
    client_path = "note__client"
    author_path = "note__author"


class SeparateForClient(models.Model):
    """The author's decision that a client may have one of these notes in a copy of the record.

    Nobody has a right of access to notes held apart (45 CFR 164.524(a)(1)(i)), and nobody but their author may give
    them to the client. Append-only.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    note = models.OneToOneField(SeparateNote, on_delete=models.PROTECT, related_name="for_client")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)

    objects = SeparateForClientQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="separate_note_for_client_says_why")]

    def __str__(self) -> str:
        return f"For the client: separate note {self.note_id}"

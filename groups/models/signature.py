from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from staff.access import Permission, can
from staff.credentials import SignatureKind, SignedWith
from staff.history import tracked

from .attendance import Attendance
from .session import GroupSession

if TYPE_CHECKING:
    from staff.models import StaffMember


class GroupSignatureQuerySet(models.QuerySet["GroupSignature"]):
    def visible_to(self, staff_member: StaffMember) -> GroupSignatureQuerySet:
        """Signatures under notes that the person may read."""
        if not can(staff_member, Permission.NOTE_VIEW):
            return self.none()
        readable = Attendance.objects.notes_visible_to(staff_member)
        sessions = GroupSession.objects.visible_to(staff_member)
        return self.filter(Q(attendance__in=readable) | Q(attendance=None, session__in=sessions))

    def waiting_for_cosignature(self) -> GroupSignatureQuerySet:
        """Signatures made under supervision, under notes that are not cosigned yet."""
        same = GroupSignature.objects.filter(kind=SignatureKind.COSIGN, session=OuterRef("session"))
        of_group = same.filter(attendance=None)
        of_member = same.filter(attendance=OuterRef("attendance"))
        waiting = self.filter(kind=SignatureKind.SIGN, needs_cosignature=True)
        return waiting.exclude(Q(attendance=None) & Exists(of_group)).exclude(
            Q(attendance__isnull=False) & Exists(of_member)
        )

    def to_cosign_by(self, staff_member: StaffMember) -> GroupSignatureQuerySet:
        """Those this person cosigns: of their supervisees, and of signers who have no active supervisor now."""
        nobody = Q(signer__supervisor=None) | Q(signer__supervisor__is_active=False)
        theirs = self.filter(Q(signer__supervisor=staff_member) | nobody).exclude(signer=staff_member)
        return theirs.waiting_for_cosignature()


@tracked
class GroupSignature(models.Model):
    """One signature under the note of a session (`attendance` empty) or about one member, with the hash of its text.

    Append-only in the database. Name and credential are copied, because people marry and requalify; the member's number
    too, because the membership's could be changed.
    """

    session = models.ForeignKey(GroupSession, on_delete=models.PROTECT, related_name="signatures")
    attendance = models.ForeignKey(
        Attendance, on_delete=models.PROTECT, null=True, blank=True, related_name="signatures"
    )
    client_number = models.BigIntegerField(null=True, blank=True, help_text="The member’s number at the time.")
    kind = models.CharField(max_length=8, choices=SignatureKind)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="group_signatures")
    name = models.CharField(max_length=124)
    credential = models.CharField(max_length=30, blank=True)
    at = models.DateTimeField()
    hash = models.CharField(max_length=64, help_text="SHA-256 of the note's canonical text.")
    text_version = models.PositiveSmallIntegerField(help_text="Version of the rules for the canonical text.")
    signed_with = models.CharField(max_length=8, choices=SignedWith, blank=True)
    is_late_entry = models.BooleanField(default=False)
    needs_cosignature = models.BooleanField(default=False, help_text="The signer was under supervision.")

    objects = GroupSignatureQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("session", "kind"), condition=Q(attendance=None), name="group_note_signed_once_in_each_way"
            ),
            models.UniqueConstraint(fields=("attendance", "kind"), name="member_note_signed_once_in_each_way"),
            models.CheckConstraint(condition=Q(hash__regex=r"^[0-9a-f]{64}$"), name="group_hash_is_sha256"),
            models.CheckConstraint(
                condition=Q(attendance=None, client_number=None)
                | Q(attendance__isnull=False, client_number__isnull=False),
                name="member_signature_names_the_member",
            ),
            models.CheckConstraint(
                condition=Q(kind="sign") | Q(is_late_entry=False, needs_cosignature=False),
                name="group_cosignature_has_no_labels",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.signature_name}"

    @property
    def signature_name(self) -> str:
        """Name and credential at the time of signing."""
        return f"{self.name}, {self.credential}" if self.credential else self.name

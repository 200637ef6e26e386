from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import Client
from cases.models.visibility import of_clients_visible_to
from staff.access import Permission, can
from staff.history import tracked
from staff.models import Clinic, StaffMember

ON_PAGE = "own-page-"  # how the key begins of what was typed on a private page


class CrisisReplyQuerySet(models.QuerySet["CrisisReply"]):
    def visible_to(self, staff_member: StaffMember) -> CrisisReplyQuerySet:
        """Replies of clients the person may see; from unknown numbers, for those who see every client."""
        if not can(staff_member, Permission.CRISIS_ANSWER):
            return self.none()
        seen = of_clients_visible_to(staff_member, "client", among_others=True)
        if can(staff_member, Permission.CLIENT_VIEW_ALL):
            seen |= Q(client=None)
        return self.filter(seen, clinic=staff_member.clinic_id)

    def open(self) -> CrisisReplyQuerySet:
        """Replies without a record of what was done."""
        return self.filter(resolved_at=None)


@tracked
class CrisisReply(models.Model):
    """A reply about suicide, self-harm, an overdose or violence: one row for each client who may have sent it.

    It stays open until someone records what was done for this person.
    """

    class Danger(models.TextChoices):
        SUICIDE = "suicide", "Suicide"
        SELF_HARM = "self_harm", "Self-harm"
        OVERDOSE = "overdose", "Overdose"
        VIOLENCE = "violence", "Violence or other danger"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(
        Client,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="crisis_replies",
        help_text="Blank: no client has this number or address on file.",
    )
    contact_value = models.CharField("number or address", max_length=254, help_text="Normalized.")
    is_shared = models.BooleanField("several clients share this number or address", default=False)
    words = models.TextField("message", max_length=2000)
    danger = models.CharField(max_length=10, choices=Danger)
    language = models.CharField(max_length=2, default="en")
    received_at = models.DateTimeField()
    source_key = models.CharField(
        max_length=200,
        blank=True,
        editable=False,
        help_text="The email’s Message-ID, so a repeated email counts once.",
    )
    answered_at = models.DateTimeField(
        null=True, blank=True, help_text="When 911 and 988 were sent for this reply or one shortly before."
    )
    answer_failed = models.CharField(max_length=200, blank=True, help_text="Why no answer could be sent.")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    what_was_done = models.CharField(max_length=500, blank=True)

    objects = CrisisReplyQuerySet.as_manager()

    class Meta:
        ordering = ("received_at", "pk")
        verbose_name_plural = "crisis replies"
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None, what_was_done="")
                | Q(resolved_at__isnull=False, resolved_by__isnull=False) & ~Q(what_was_done=""),
                name="crisis_reply_done_has_time_author_and_words",
            ),
        ]
        indexes = [
            models.Index(fields=("clinic", "received_at"), condition=Q(resolved_at=None), name="crisis_reply_open"),
            models.Index(fields=("contact_value", "-received_at"), name="crisis_reply_by_contact"),
        ]

    def __str__(self) -> str:
        return f"Reply about {self.danger_words}"

    @property
    def was_on_page(self) -> bool:
        """Whether it was typed on a private page: 911 and 988 were shown there, and nothing was sent."""
        return self.source_key.startswith(ON_PAGE)

    @property
    def danger_words(self) -> str:
        """“speaks of …”."""
        return {"suicide": "suicide", "self_harm": "self-harm", "overdose": "an overdose"}.get(self.danger, "danger")

"""The conversation before a referral: its answers, and the words that a clinic has for it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Max, Q

from cases.models import Client, TreatmentEpisode
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.history import tracked
from staff.models import Clinic, StaffMember

MOST_CHOICES = 3
LONGEST_WORDS = 2000


class Tried(models.TextChoices):
    """What a client says of mutual help so far."""

    NEVER = "never", "Never been"
    BEFORE = "before", "Went before, not now"
    GOES = "goes", "Goes now"


class Concern(models.TextChoices):
    """What people are often concerned about. Each has words that answer it and meetings that fit it."""

    RELIGION = "religion", "Religion"
    MEDICATION = "medication", "Taking medication"
    ANONYMITY = "anonymity", "Being seen or known"
    FIRST_TIME = "first_time", "The first time"
    OTHER = "other", "Something else"


class Barrier(models.TextChoices):
    """What got in the way of a meeting. Nothing here is a fault."""

    NO_RIDE = "no_ride", "No ride"
    ANXIOUS = "anxious", "Felt anxious"
    FORGOT = "forgot", "Forgot"
    SCHEDULE = "schedule", "Schedule"
    DISLIKED = "disliked", "Didn’t like it"
    USED = "used", "Had used"
    OTHER = "other", "Something else"


class ConversationQuerySet(ClientRecordQuerySet["Conversation"]):
    view_permission = Permission.REFERRAL_VIEW

    def open(self) -> Self:
        """Not finished: it can be resumed at any step."""
        return self.filter(finished_at=None)


@tracked
class Conversation(models.Model):
    """One talk about mutual help, step by step, over one session or several.

    Its first two answers are here. Its choices are referrals, its call and its date are steps of those referrals.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="mutual_help_conversations")
    episode = models.ForeignKey(
        TreatmentEpisode, on_delete=models.PROTECT, null=True, blank=True, related_name="mutual_help_conversations"
    )
    tried = models.CharField("tried before", max_length=8, choices=Tried, blank=True)
    tried_words = models.TextField("what was tried and how it was", blank=True, max_length=LONGEST_WORDS)
    concerns = ArrayField(models.CharField(max_length=12, choices=Concern), default=list, blank=True)
    concerns_words = models.TextField("concerns in the client’s words", blank=True, max_length=LONGEST_WORDS)
    concerns_asked_at = models.DateTimeField(null=True, blank=True)
    danger_told_at = models.DateTimeField(
        "when thoughts of suicide, or an attempt, were reported",
        null=True,
        blank=True,
        help_text="The last time. A safety concern opens, and stays open until a clinician has evaluated it.",
    )
    danger_told_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(tried="") | Q(tried__in=Tried.values), name="conversation_tried_exists"),
            models.CheckConstraint(
                condition=Q(concerns__contained_by=Concern.values), name="conversation_concerns_exist"
            ),
            models.CheckConstraint(
                condition=Q(concerns_asked_at__isnull=False) | Q(concerns=[], concerns_words=""),
                name="conversation_concerns_were_asked",
            ),
            models.CheckConstraint(
                condition=Q(danger_told_at=None, danger_told_to=None)
                | Q(danger_told_at__isnull=False, danger_told_to__isnull=False),
                name="conversation_danger_told_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, finished_by=None)
                | Q(finished_at__isnull=False, finished_by__isnull=False),
                name="conversation_finished_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=models.F("started_at")),
                name="conversation_finished_after_it_began",
            ),
        ]
        indexes = [
            models.Index(fields=("client", "-started_at"), name="conversation_by_client"),
            models.Index(
                fields=("danger_told_to",), condition=Q(danger_told_at__isnull=False), name="conversation_danger_to"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%b %-d, %Y}"

    @property
    def concern_labels(self) -> list[str]:
        """The concerns in words, in the order of the list."""
        return [str(each.label) for each in Concern if each.value in self.concerns]


class GuideWordsQuerySet(models.QuerySet["GuideWords"]):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """The words of the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)

    def in_use(self) -> Self:
        """The last of each text: what is said at this clinic now."""
        last = self.model.objects.order_by().values("clinic", "key").annotate(last=Max("pk")).values("last")
        return self.filter(pk__in=last)


class GuideWords(models.Model):
    """A clinic's own words for one text of the guide (referrals/guide_words.py). A change is a new row.

    The last row of a key counts; blank words mean the words that ship. Rows never change (migration 0002_append_only).
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="guide_words")
    key = models.CharField(max_length=24)
    words = models.TextField(blank=True, max_length=LONGEST_WORDS)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = GuideWordsQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "guide words"
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="guide_words_say_which")]
        indexes = [models.Index(fields=("clinic", "key", "-id"), name="guide_words_latest")]

    def __str__(self) -> str:
        return self.key

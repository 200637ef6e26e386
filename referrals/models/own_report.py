from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cases.models.visibility import ClientRecordQuerySet
from reminders.models import CrisisReply
from staff.access import Permission
from staff.history import tracked
from staff.models import Clinic

from .followthrough import FollowThrough

BEST, STRONGEST = 5, 10  # how it was goes from 1, craving from 0
LONGEST_LINE = 300


class PrivateLinkQuerySet(ClientRecordQuerySet["PrivateLink"]):
    view_permission = Permission.REFERRAL_VIEW
    client_path = "follow_through__referral__client"

    def standing(self) -> Self:
        """Neither used nor turned off; their time may be over."""
        return self.filter(used_at=None, revoked_at=None)

    def open(self, now: datetime.datetime) -> Self:
        """Those that still open the page."""
        return self.standing().filter(expires_at__gt=now)


@tracked
class PrivateLink(models.Model):
    """An address by which a client says, once and without an account, how a planned meeting was.

    The address itself is kept nowhere: `seed` becomes it with a key that the database never holds, and what is asked
    for is compared with `token_hash`, which is keyed, too.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    follow_through = models.ForeignKey(FollowThrough, on_delete=models.PROTECT, related_name="private_links")
    seed = models.CharField(max_length=32, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField("turned off at", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = PrivateLinkQuerySet.as_manager()

    cries: list[CrisisReply]  # what came about danger by it, by `referrals.journals`

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="private_link_lasts"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(revoked_at=None), name="private_link_used_or_turned_off"
            ),
            models.CheckConstraint(
                # Without a person where what the client said elsewhere has answered it.
                condition=Q(revoked_by=None) | Q(revoked_at__isnull=False),
                name="private_link_turned_off_has_time",
            ),
            models.UniqueConstraint(
                fields=("follow_through",),
                condition=Q(used_at=None, revoked_at=None),
                name="private_link_one_stands_for_a_plan",
            ),
        ]

    def __str__(self) -> str:
        return f"Private link {self.pk}"

    def state_words(self, now: datetime.datetime) -> str:
        """What became of it, on the clinic's calendar: for the page of the referral, read with its report."""
        zone = self.clinic.zone
        if hasattr(self, "report"):
            return f"Answered {timezone.localtime(self.report.said_at, zone):%b %-d, %Y}"
        if self.revoked_at is not None:
            return f"Turned off {timezone.localtime(self.revoked_at, zone):%b %-d, %Y}"
        last = f"{timezone.localtime(self.expires_at, zone):%b %-d, %Y, %-I:%M %p}"
        return f"Open until {last}" if now < self.expires_at else f"Closed {last}, without an answer"

    @property
    def reminder_key(self) -> str:
        """The key of the message that carries it, if it was sent again."""
        return f"referral-plan-{self.follow_through_id}-client-again-{self.pk}"


class OwnReportQuerySet(ClientRecordQuerySet["OwnReport"]):
    view_permission = Permission.REFERRAL_VIEW
    client_path = "link__follow_through__referral__client"


class OwnReport(models.Model):
    """What somebody with a private link said: the client's own report, as it came. Never rewritten."""

    link = models.OneToOneField(PrivateLink, on_delete=models.PROTECT, related_name="report")
    attended = models.BooleanField()
    how_it_was = models.PositiveSmallIntegerField(
        "how it was, 1 to 5",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(BEST)],
    )
    line = models.CharField("in their words", max_length=LONGEST_LINE, blank=True)
    craving = models.PositiveSmallIntegerField(
        "craving, 0 to 10", null=True, blank=True, validators=[MaxValueValidator(STRONGEST)]
    )
    again = models.BooleanField("means to go to the next one", null=True, blank=True)
    language = models.CharField(max_length=2, default="en")
    sent_as = models.CharField(
        max_length=32, blank=True, editable=False, help_text="Of the form that was sent: sent twice, it counts once."
    )
    said_at = models.DateTimeField()

    objects = OwnReportQuerySet.as_manager()

    heard: CrisisReply | None  # what was heard in its line as danger, by `referrals.cries.hear`

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(how_it_was=None) | Q(how_it_was__gte=1, how_it_was__lte=BEST, attended=True),
                name="own_report_how_it_was_one_to_five",
            ),
            models.CheckConstraint(
                condition=Q(craving=None) | Q(craving__lte=STRONGEST), name="own_report_craving_up_to_ten"
            ),
        ]

    def __str__(self) -> str:
        return "Went" if self.attended else "Did not go"

    @property
    def summary(self) -> list[str]:
        """What was answered besides whether they went, each in a few words."""
        said = []
        if self.how_it_was is not None:
            said.append(f"how it was: {self.how_it_was} of {BEST}")
        if self.craving is not None:
            said.append(f"craving: {self.craving} of {STRONGEST}")
        if self.again is not None:
            said.append("means to go to the next one" if self.again else "doesn’t mean to go to the next one")
        return said

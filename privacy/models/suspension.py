from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.day_rules import since_1900
from staff.history import tracked
from staff.models import Clinic

SPOKEN_DAYS = 30  # 45 CFR 164.528(a)(2)(ii)(C)


class AccountingSuspensionQuerySet(ClientRecordQuerySet["AccountingSuspension"]):
    view_permission = Permission.RECORD_GIVE

    def running(self, on: datetime.date) -> AccountingSuspensionQuerySet:
        """Those that hold on a day: no one ended them, and their last day has not passed."""
        return self.filter(ended_at=None, ends_on__gte=on)


@tracked
class AccountingSuspension(models.Model):
    """An agency asks that the client not be given an accounting of what it was told (45 CFR 164.528(a)(2)).

    In writing it holds for the time that the statement names; spoken, for at most 30 days. It lapses by its date, and
    what it left out is in the accounting again. Sealed but for being ended; a written statement after a spoken one, or
    a longer time, is a row of its own.
    """

    is_held_apart = True  # pages that count what hangs on a client leave it out (cases.merging.what_would_move)

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    agency = models.CharField(max_length=200, help_text="As the disclosure names the recipient or their office.")
    official = models.CharField(max_length=200, help_text="Name and title of who made the statement.")
    stated_on = models.DateField("stated on")
    in_writing = models.BooleanField("the statement is in writing", default=False)
    ends_on = models.DateField("last day")
    statement = models.TextField(
        max_length=1000, help_text="Why they say the list would be likely to impede what they do."
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    end_reason = models.CharField(max_length=500, blank=True)

    objects = AccountingSuspensionQuerySet.as_manager()

    class Meta:
        ordering = ("-recorded_at", "-pk")
        constraints = [
            *since_1900("stated_on", "ends_on", prefix="suspension"),
            models.CheckConstraint(
                condition=~Q(agency="") & ~Q(official="") & ~Q(statement=""), name="suspension_says_who_and_why"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("stated_on")),
                name="suspension_ends_after_the_statement",
                violation_error_message="Enter a last day after the day of the statement.",
            ),
            models.CheckConstraint(
                condition=Q(in_writing=True) | Q(ends_on__lte=F("stated_on") + datetime.timedelta(days=SPOKEN_DAYS)),
                name="suspension_by_word_of_mouth_is_30_days",
                violation_error_message="Unless it’s in writing, it holds for at most 30 days (45 CFR 164.528(a)(2)).",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, end_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
                name="suspension_ended_by_someone_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Suspension of an accounting {self.pk}"

    def runs_on(self, day: datetime.date) -> bool:
        """Whether it holds on a day, as `running` says it of many."""
        return self.ended_at is None and self.ends_on >= day

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.day_rules import since_1900
from staff.history import tracked

WEEK = 7
MOST_DAYS = 366
MOST_A_DAY = 3  # on average: who goes to more in their first weeks loses nothing by a goal of 21 a week


class OwnGoalQuerySet(ClientRecordQuerySet["OwnGoal"]):
    view_permission = Permission.REFERRAL_VIEW

    def current(self) -> Self:
        """Those that nobody has put away."""
        return self.filter(put_away_on=None)


@tracked
class OwnGoal(models.Model):
    """A goal that the client set for themselves: some meetings a week, or in a number of days (90 in 90).

    How far they are follows from their visits and is not kept. Nothing is broken by a day without one.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="own_goals")
    meetings = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField(help_text="7: a week, and each week anew.")
    begins_on = models.DateField("from")
    put_away_on = models.DateField(null=True, blank=True, help_text="When the client had no more use for it.")
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OwnGoalQuerySet.as_manager()

    class Meta:
        ordering = ("-begins_on", "-pk")
        constraints = [
            *since_1900("begins_on", "put_away_on", prefix="own_goal"),
            models.CheckConstraint(
                condition=Q(meetings__gte=1, meetings__lte=F("days") * MOST_A_DAY, days__gte=WEEK, days__lte=MOST_DAYS),
                name="own_goal_plausible",
            ),
            models.CheckConstraint(
                condition=Q(put_away_on=None) | Q(put_away_on__gte=F("begins_on")), name="own_goal_put_away_after_begun"
            ),
        ]
        indexes = [models.Index(fields=("client", "-begins_on"), name="own_goal_by_client")]

    def __str__(self) -> str:
        meetings = "meeting" if self.meetings == 1 else "meetings"
        return f"{self.meetings} {meetings} {'a week' if self.is_weekly else f'in {self.days} days'}"

    @property
    def is_weekly(self) -> bool:
        """Whether it begins anew each week."""
        return self.days == WEEK

    @property
    def ends_on(self) -> datetime.date | None:
        """Its last day, if it has one."""
        return self.put_away_on if self.is_weekly else self.begins_on + datetime.timedelta(days=self.days - 1)

"""A client's own ties to a fellowship: a sponsor, a home group."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import Client
from referrals.fellowships import Fellowship
from staff.access import Permission
from staff.day_rules import since_1900
from staff.history import tracked

from .at_a_meeting import AtAMeeting, AtAMeetingQuerySet
from .directory import Meeting


class TieQuerySet(AtAMeetingQuerySet["Tie"]):
    view_permission = Permission.REFERRAL_VIEW

    def standing(self) -> Self:
        """Those that nobody has withdrawn as wrong."""
        return self.filter(withdrawn_at=None)

    def current(self) -> Self:
        """Standing ones that have not ended."""
        return self.standing().filter(until=None)


LONGEST_REASON = 300


@tracked
class Tie(AtAMeeting, models.Model):
    """A sponsor or a home group, from when until when, by client report. Several at a time are nobody's mistake.

    A wrong entry is withdrawn, with the reason, and stays readable; a correction is another row that `corrects` it.
    """

    class Kind(models.TextChoices):
        SPONSOR = "sponsor", "Sponsor"
        HOME_GROUP = "home_group", "Home group"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="ties")
    kind = models.CharField(max_length=10, choices=Kind)
    fellowship = models.CharField(max_length=20, choices=Fellowship)
    name = models.CharField(
        "sponsor", max_length=24, blank=True, help_text="First name or initial only: members are anonymous."
    )
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="home_group_of")
    group = models.CharField("home group", max_length=120, blank=True, help_text="If it isn’t in a meeting list.")
    since = models.DateField(null=True, blank=True, help_text="Blank: not known.")
    until = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    corrects = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        help_text="The withdrawn entry that this one replaces.",
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_because = models.CharField("reason", max_length=LONGEST_REASON, blank=True)

    objects = TieQuerySet.as_manager()

    class Meta:
        ordering = (F("until").desc(nulls_first=True), F("since").desc(nulls_last=True), "-pk")
        constraints = [
            *since_1900("since", "until", prefix="tie"),
            models.CheckConstraint(
                condition=Q(kind="sponsor", meeting=None, group="") & ~Q(name="")
                | Q(kind="home_group", name="") & (Q(meeting__isnull=False, group="") | Q(meeting=None) & ~Q(group="")),
                name="tie_is_a_sponsor_or_a_home_group",
            ),
            models.CheckConstraint(condition=~Q(name__regex=r"[0-9@]"), name="tie_names_no_number_or_address"),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")), name="tie_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_because__regex=r"^\s*$"),
                name="tie_withdrawn_by_a_person_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=("client", "kind"), name="tie_by_client")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.called}"

    @property
    def called(self) -> str:
        """The sponsor's first name, or the group's name."""
        return self.name or (str(self.lead) if self.lead else self.group)

    @property
    def span(self) -> str:
        """From when until when, in words."""
        begun = f"since {self.since:%b %-d, %Y}" if self.since else ""
        if self.until is None:
            return begun
        return f"{self.since:%b %-d, %Y} to {self.until:%b %-d, %Y}" if self.since else f"until {self.until:%b %-d, %Y}"

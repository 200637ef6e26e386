from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Greatest, Least

from cases.models import Client
from cases.models.visibility import not_kept_from, of_clients_visible_to
from staff.access import Permission, can
from staff.day_rules import since_1900
from staff.history import tracked

from .group import Group, GroupType

if TYPE_CHECKING:
    from staff.models import StaffMember


class LeaveReason(models.TextChoices):
    """Why a membership ended."""

    COMPLETED = "completed", "Completed the group"
    MOVED = "moved", "Moved to another group or time"
    DISCHARGED = "discharged", "Discharged from treatment"
    OWN_WISH = "own_wish", "Member’s choice"
    WORK_OR_FAMILY = "work", "Work, family, or transportation"
    NOT_A_FIT = "not_a_fit", "Group wasn’t a good fit"
    SAFETY = "safety", "Safety of members"
    LOST_CONTACT = "lost_contact", "Lost contact"
    GROUP_ENDED = "group_ended", "Group ended"
    OTHER = "other", "Other"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, staff_member: StaffMember) -> MembershipQuerySet:
        """Spells in the clinic's groups, for roles that see groups.

        A facilitator works with members of other counselors' caseloads: rosters show them by first name and initial
        (`Client.roster_name`) and nothing else. Whatever is clinical asks `Client.visible_to` besides. Whom a client
        restricted does not see them on the roster either.
        """
        if not can(staff_member, Permission.GROUP_VIEW):
            return self.none()
        return self.filter(not_kept_from(staff_member, "client"), group__clinic=staff_member.clinic_id)

    def current(self, on: datetime.date) -> MembershipQuerySet:
        """Memberships active on a day. The day of leaving is the first one outside."""
        return self.filter(joined_on__lte=on).filter(Q(left_on=None) | Q(left_on__gt=on))

    def current_within(self, since: datetime.date, until: datetime.date) -> MembershipQuerySet:
        """Memberships active on some day from `since` to the day before `until`."""
        return self.filter(joined_on__lt=until).filter(Q(left_on=None) | Q(left_on__gt=since))

    def open(self) -> MembershipQuerySet:
        """Spells without an end."""
        return self.filter(left_on=None)


@tracked
class Membership(models.Model):
    """One period of one person in one group. Someone who comes back gets a new one; the old one does not change."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="group_memberships")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="memberships")
    joined_on = models.DateField()
    joined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    override_reason = models.CharField(
        max_length=200, blank=True, help_text="Why a supervisor added someone to a full or closed group."
    )
    left_on = models.DateField(null=True, blank=True, help_text="First day out of the group.")
    left_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    leave_reason = models.CharField(max_length=12, choices=LeaveReason, blank=True)
    leave_note = models.CharField(max_length=200, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("joined_on", "pk")
        verbose_name = "group membership"
        constraints = [
            *since_1900("joined_on", "left_on", prefix="membership"),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")), name="membership_ends_not_before_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(left_on=None, left_by=None, leave_reason="")
                | (Q(left_on__isnull=False, left_by__isnull=False) & ~Q(leave_reason="")),
                name="leaving_has_date_author_and_reason",
            ),
            models.UniqueConstraint(
                fields=("client", "group"),
                condition=Q(left_on=None),
                name="one_open_spell_per_group",
                violation_error_message="This person is already in the group.",
            ),
            ExclusionConstraint(
                name="spells_never_overlap",
                expressions=[
                    ("client", RangeOperators.EQUAL),
                    ("group", RangeOperators.EQUAL),
                    (
                        Func(
                            F("joined_on"),
                            F("left_on"),
                            Value("[)"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="This person was already in the group on those dates.",
            ),
        ]
        indexes = [
            models.Index(fields=("group",), condition=Q(left_on=None), name="membership_open_by_group"),
            models.Index(fields=("client", "-joined_on"), name="membership_by_client"),
        ]

    def __str__(self) -> str:
        return f"Membership {self.pk}"

    def is_current(self, on: datetime.date) -> bool:
        """Whether it is active on a day, as `current` says of many."""
        return self.joined_on <= on and (self.left_on is None or self.left_on > on)

    @property
    def is_open(self) -> bool:
        """Still a member."""
        return self.left_on is None


class KeepApartQuerySet(models.QuerySet["KeepApart"]):
    def visible_to(self, staff_member: StaffMember) -> KeepApartQuerySet:
        """Pairs of whom the person may see both: a pair names each one to readers of the other's chart."""
        if not can(staff_member, Permission.GROUP_MANAGE):
            return self.none()
        return self.filter(of_clients_visible_to(staff_member, "first"), of_clients_visible_to(staff_member, "second"))

    def in_force(self) -> KeepApartQuerySet:
        """Pairs that are still to be kept separate."""
        return self.filter(lifted_at=None)

    def of(self, client: Client) -> KeepApartQuerySet:
        """Pairs with this person on either side."""
        return self.filter(Q(first=client) | Q(second=client))


@tracked
class KeepApart(models.Model):
    """Two people who must not meet through us. It reads the same from either side."""

    class Kind(models.TextChoices):
        NO_CONTACT = "no_contact", "No-contact order or request"
        ROMANTIC = "romantic", "Romantic relationship"
        FAMILY = "family", "Family relationship"
        LEGAL = "legal", "Opposing sides in a legal case"
        DECLINED = "declined", "One declined the other as mentor or mentee"

    first = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="kept_apart_first")
    second = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="kept_apart_second")
    kind = models.CharField("reason", max_length=12, choices=Kind)
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = KeepApartQuerySet.as_manager()

    class Meta:
        ordering = ("-recorded_at",)
        verbose_name = "pair to keep separate"
        verbose_name_plural = "pairs to keep separate"
        constraints = [
            models.CheckConstraint(condition=~Q(first=F("second")), name="kept_apart_are_two_people"),
            models.UniqueConstraint(
                Least("first", "second"),
                Greatest("first", "second"),
                condition=Q(lifted_at=None),
                name="kept_apart_once_whatever_the_order",
                violation_error_message="These two are already kept separate.",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="lifting_has_time_and_author",
            ),
        ]
        indexes = [
            models.Index(fields=("first",), condition=Q(lifted_at=None), name="kept_apart_by_first"),
            models.Index(fields=("second",), condition=Q(lifted_at=None), name="kept_apart_by_second"),
        ]

    def __str__(self) -> str:
        return f"Pair {self.pk}"

    def bars(self, group: Group) -> bool:
        """Whether the two cannot be in this group together.

        A declined pairing is about mentoring only, and a family group is where family ties belong.
        """
        if self.kind == self.Kind.DECLINED:
            return False
        return not (self.kind == self.Kind.FAMILY and group.type == GroupType.FAMILY)

"""The list of groups as a query: members, next session and whether the reader facilitates it, in one statement."""

from __future__ import annotations

from django.db.models import Count, DateTimeField, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Mod
from django.utils import timezone

from cases.models.visibility import not_kept_from
from groups.models import Group, GroupFacilitator, GroupSession
from staff.models import StaffMember


def listed(groups: QuerySet[Group], *, staff_member: StaffMember) -> QuerySet[Group]:
    """Groups with `member_count`, `next_start`, `next_session`, `is_mine`; own ones first, then by weekday and time.

    `holds_next` says whether the reader leads the group, or covers that next session.
    """
    now = timezone.now()
    today = timezone.localdate(now, staff_member.clinic.zone)
    coming = GroupSession.objects.filter(group=OuterRef("pk"), starts_at__gte=now).held().order_by("starts_at")
    members = Q(memberships__joined_on__lte=today) & (Q(memberships__left_on=None) | Q(memberships__left_on__gt=today))
    members &= not_kept_from(staff_member, "memberships__client")
    rows = groups.annotate(
        member_count=Count("memberships", filter=members),
        next_start=Subquery(coming.values("starts_at")[:1], output_field=DateTimeField()),
        next_session=Subquery(coming.values("pk")[:1]),
        is_mine=Exists(GroupFacilitator.objects.filter(group=OuterRef("pk"), staff_member=staff_member)),
        holds_next=Subquery(coming.with_holder(staff_member).values("is_held_by_reader")[:1]),  # type: ignore[misc]
    )
    leaders = StaffMember.objects.order_by("family_name", "given_name")
    return rows.order_by(
        "-is_mine", Mod(F("weekday") + 1, 7).asc(nulls_last=True), "starts_at", "name"
    ).prefetch_related(Prefetch("facilitators", queryset=leaders))

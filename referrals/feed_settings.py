"""Adding a feed and changing its settings, from its page and from the administration."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember

from . import matching
from .models import MeetingFeed

_DECIDE_WHICH_LEADS = frozenset({"priority", "is_active", "is_shared", "fellowship"})


def add(*, feed: MeetingFeed, by: StaffMember) -> MeetingFeed:
    """Save a new feed as one of the person's clinic. Raises NotPermitted."""
    demand(by, Permission.FEED_IMPORT)
    with act("referrals.add_feed", by=by) as entry:
        feed.clinic = by.clinic
        feed.save()
        entry.about(feed)
    return feed


def change(*, feed: MeetingFeed, changed: Collection[str], by: StaffMember) -> MeetingFeed:
    """Save a feed whose fields of these names were changed. Where they decide which listings of one meeting lead, that
    is found out again, also for clinics that see the feed no longer. Raises NotPermitted.
    """
    demand(by, Permission.FEED_IMPORT, feed)
    with act("referrals.change_feed", by=by) as entry:
        was_shared = MeetingFeed.objects.values_list("is_shared", flat=True).get(pk=feed.pk)
        feed.save()
        if not _DECIDE_WHICH_LEADS.isdisjoint(changed):
            matching.match(feed=feed, at=timezone.now(), was_shared=was_shared)
        entry.about(feed, changed=list(changed))
    return feed

"""Imports that someone ordered on a page, carried out by a worker: fetching somebody else's list may take minutes."""

from __future__ import annotations

import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from referrals import feeds, fetching
from referrals.listing import SourceError
from referrals.models import ImportOrder, ImportRun, MeetingFeed
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

LEASE = datetime.timedelta(minutes=6)  # longer than a worker's task may take: one that still runs is never raced


class NoAddress(Refusal):
    sentence = "This feed has no address. Upload a file, or add the address in its settings."


class AlreadyOrdered(Refusal):
    sentence = "This feed is being imported already. The report appears below when it is done."


def place(*, feed: MeetingFeed, by: StaffMember, confirm_drop: bool = False) -> ImportOrder:
    """Ask for an import of the feed's address. Raises NotPermitted, NoAddress, AlreadyOrdered."""
    demand(by, Permission.FEED_IMPORT, feed)
    if not feed.url:
        raise NoAddress
    with act("referrals.order_import", by=by, clinic=feed.clinic) as entry:
        try:
            with transaction.atomic():
                order = ImportOrder.objects.create(
                    feed=feed, ordered_at=timezone.now(), ordered_by=by, confirm_drop=confirm_drop
                )
        except IntegrityError:
            raise AlreadyOrdered from None
        entry.about(order, feed=feed.pk)
        return order


def carry_out_next(now: datetime.datetime) -> ImportRun | None:
    """Fetch and import the oldest order that no one works on; None if there is none."""
    order = _claim(now)
    if order is None:
        return None
    feed, by = order.feed, order.ordered_by
    try:
        if not can(by, Permission.FEED_IMPORT, feed):  # they have left, or have another role
            raise SourceError("The person who ordered this may no longer import feeds. Order it again.")
        payload = fetching.fetch(feed.url, format=feed.format)
    except SourceError as error:
        with transaction.atomic():
            run = feeds.report_unread(feed=feed, error=str(error), at=now, by=by, source=feed.url)
            _close(order, run)
    else:
        with transaction.atomic():
            run = feeds.import_feed(
                feed=feed, payload=payload, at=now, by=by, source=feed.url, confirm_drop=order.confirm_drop
            )
            _close(order, run)
    return run


def _claim(now: datetime.datetime) -> ImportOrder | None:
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE)
    with transaction.atomic():
        waiting = ImportOrder.objects.waiting().filter(free).order_by("ordered_at", "pk")
        order = waiting.select_for_update(of=("self",), skip_locked=True, no_key=True).first()
        if order is None:
            return None
        order.claimed_at = now
        order.save(update_fields=["claimed_at"])
    return ImportOrder.objects.select_related("feed__clinic", "ordered_by__clinic").get(pk=order.pk)


def _close(order: ImportOrder, run: ImportRun) -> None:
    """Raises if someone else closed it meanwhile: then this import is undone with it."""
    closed = ImportOrder.objects.waiting().filter(pk=order.pk, claimed_at=order.claimed_at)
    if not closed.update(done_at=timezone.now(), run=run):
        raise RuntimeError(f"import order {order.pk} was taken over")

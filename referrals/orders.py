"""Imports that someone ordered on a page, or that are due, carried out by a worker: they may take minutes."""

from __future__ import annotations

import datetime
import time
from contextlib import closing
from typing import BinaryIO

from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.utils import timezone

from referrals import feeds, fetching, uploads
from referrals.listing import SourceError
from referrals.models import ImportOrder, ImportRun, MeetingFeed
from referrals.models.feed import ImportOrderQuerySet
from staff import outside
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

LEASE = datetime.timedelta(minutes=10)  # longer than its task may take: one that still runs is never raced
AT_ONCE = 1024 * 1024  # bytes: a smaller file (about 800 meetings) is imported while its page waits, in a second or two
_TELL_EVERY = 2.0  # seconds


class NoAddress(Refusal):
    sentence = "This feed has no address. Upload a file, or add the address in its settings."


class AlreadyOrdered(Refusal):
    sentence = "This feed is being imported already. The report appears below when it is done."


def place(
    *,
    feed: MeetingFeed,
    confirm_drop: bool = False,
    file: BinaryIO | None = None,
    file_name: str = "",
    held: ImportOrder | None = None,
    by: StaffMember | None,
) -> ImportOrder:
    """Ask for an import of the feed's address, of an uploaded file, or of the list of a `held` order.

    `by=None` is the schedule. Raises NotPermitted, NoAddress, AlreadyOrdered.
    """
    if by is not None:
        demand(by, Permission.FEED_IMPORT, feed)
    if not (feed.url or file or held):
        raise NoAddress
    with act("referrals.order_import", by=by, clinic=feed.clinic) as entry:
        try:
            with transaction.atomic():
                order = ImportOrder.objects.create(
                    feed=feed,
                    ordered_at=timezone.now(),
                    ordered_by=by,
                    confirm_drop=confirm_drop,
                    file_name=outside.text(file_name, longest=255) or ("a file" if file else ""),
                )
        except IntegrityError:
            raise AlreadyOrdered from None
        if file is not None:
            uploads.keep(order, file)
        if held is not None and uploads.hand_over(held, order):
            order.file_name = held.file_name or feed.url[:255] or "a held list"
            order.save(update_fields=["file_name"])
        entry.about(order, feed=feed.pk)
        return order


def carry_out_next(now: datetime.datetime) -> ImportRun | None:
    """Import the oldest order that no one works on; None if there is none."""
    order = _claim(ImportOrder.objects.waiting(), now)
    return None if order is None else _carry_out(order, now)


def carry_out(order: ImportOrder, now: datetime.datetime) -> ImportRun | None:
    """Import this order at once; None if someone else works on it."""
    claimed = _claim(ImportOrder.objects.waiting().filter(pk=order.pk), now)
    return None if claimed is None else _carry_out(claimed, now)


def _carry_out(order: ImportOrder, now: datetime.datetime) -> ImportRun:
    feed, by = order.feed, order.ordered_by
    source = order.file_name or feed.url
    try:
        if by is not None and not can(by, Permission.FEED_IMPORT, feed):  # they have left, or have another role
            raise SourceError("The person who ordered this may no longer import feeds. Order it again.")
        last = None if order.file_name or order.confirm_drop else feeds.unchanged_since(feed, source=source)
        fetched = _fetched(order, last)
        with transaction.atomic():
            run = _imported(order, fetched, last, now, source)
            _close(order, run)
        return run
    except SoftTimeLimitExceeded:
        error = "The import took too long and was stopped. Nothing changed."
    except SourceError as refusal:
        error = str(refusal)
    with transaction.atomic():
        run = feeds.report_unread(feed=feed, error=error, at=now, by=by, source=source)
        _close(order, run)
    return run


def _fetched(order: ImportOrder, last: ImportRun | None) -> fetching.Fetched:
    if order.file_name:
        return fetching.Fetched(uploads.opened(order))
    known = fetching.Version(last.etag, last.last_modified) if last is not None else None
    return fetching.fetch(order.feed.url, format=order.feed.format, known=known)


def _imported(
    order: ImportOrder, fetched: fetching.Fetched, last: ImportRun | None, now: datetime.datetime, source: str
) -> ImportRun:
    feed, by = order.feed, order.ordered_by
    if fetched.file is None:
        assert last is not None  # no server says so unasked
        return feeds.report_unchanged(feed=feed, last=last, at=now, by=by, source=source)
    with fetched.file as file, closing(_Progress(order)) as progress:
        run = feeds.import_feed(
            feed=feed,
            payload=file,
            at=now,
            by=by,
            source=source,
            confirm_drop=order.confirm_drop,
            version=fetched.version,
            progress=progress,
        )
        uploads.forget(feed)  # of earlier imports
        if not run.needs_confirmation:
            order.parts.all().delete()
        elif not order.file_name:
            uploads.keep(order, file)  # the very list that is decided about
    return run


class _Progress:
    """Writes how many rows have been read where other connections see it, while the import's transaction is open."""

    def __init__(self, order: ImportOrder) -> None:
        self.order = order
        self.told = time.monotonic()
        self.connection: BaseDatabaseWrapper | None = None

    def __call__(self, rows: int) -> None:
        if time.monotonic() - self.told < _TELL_EVERY:
            return
        self.told = time.monotonic()
        if self.connection is None:
            self.connection = connections.create_connection("default")
        with self.connection.cursor() as cursor:
            cursor.execute("UPDATE referrals_importorder SET rows_read = %s WHERE id = %s", [rows, self.order.pk])

    def close(self) -> None:
        """Give the second connection back."""
        if self.connection is not None:
            self.connection.close()


def _claim(orders: ImportOrderQuerySet, now: datetime.datetime) -> ImportOrder | None:
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE)
    with transaction.atomic():
        waiting = orders.filter(free).order_by("ordered_at", "pk")
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

"""The inbox in the product: reminders to staff, each with the page that it is about. An email says only that they wait.

Which page a kind is about is data (settings.INBOX_PAGES), since the pages belong to apps above this one.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.models import Client
from reminders import channels, wording
from reminders.models import InboxItem
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember

log = logging.getLogger("onward.reminders")

NUDGE_AGAIN = datetime.timedelta(hours=1)  # one email for what arrives within
NUDGE_WITHIN = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """One item as its owner reads it. `url` is empty if its page is not theirs to open any more."""

    item: InboxItem
    title: str
    client: Client | None
    url: str


def lines(items: Sequence[InboxItem], *, by: StaffMember) -> list[Line]:
    """What items are about, as far as this person may still see it: a few queries for all of them."""
    contexts = {item.pk: dict(item.reminder.context) for item in items}
    for key, path in settings.REMINDER_CLIENTS.items():
        wanted = {context[key] for context in contexts.values() if key in context}
        known = import_string(path)(wanted) if wanted else {}
        for context in contexts.values():
            if context.get(key) in known:  # whatever was written down: two records may have been one meanwhile
                context["client_id"] = known[context[key]]
    clients = {context["client_id"] for context in contexts.values() if "client_id" in context}
    seen = Client.objects.visible_to(by).in_bulk(clients) if clients else {}
    return [_line(item, contexts[item.pk], seen) for item in items]


def _line(item: InboxItem, context: dict[str, int], seen: dict[int, Client]) -> Line:
    client = seen.get(context.get("client_id", 0))
    is_lost = "client_id" in context and client is None
    return Line(item, item.reminder.get_kind_display(), client, "" if is_lost else page(item.reminder.kind, context))


def page(kind: str, context: dict[str, int]) -> str:
    """Where a reminder of this kind leads; empty if it names no page, or lacks what the page's address needs."""
    name, keys = settings.INBOX_PAGES.get(kind, ("", ()))
    if not name and "client_id" in context:
        name, keys = settings.INBOX_PAGES["client"]
    try:
        return reverse(name, kwargs={key: context[key] for key in keys}) if name else ""
    except (KeyError, NoReverseMatch):
        return ""


def mark(*, item: InboxItem, is_read: bool, by: StaffMember) -> InboxItem:
    """Mark one's own item as read now, or as unread again. A second time changes nothing."""
    demand(by, Permission.TODAY_VIEW)
    own = InboxItem.objects.visible_to(by).filter(pk=item.pk, read_at__isnull=is_read)
    with act("reminders.inbox_mark", by=by, clinic=by.clinic) as entry:
        if own.update(read_at=timezone.now() if is_read else None):
            entry.about(item, is_read=is_read)
        else:
            entry.nothing_changed()
    item.refresh_from_db()
    return item


def mark_all_read(*, by: StaffMember) -> int:
    """Mark everything in one's inbox as read. Returns how many were not."""
    demand(by, Permission.TODAY_VIEW)
    with act("reminders.inbox_mark_all", by=by, clinic=by.clinic) as entry:
        changed = InboxItem.objects.visible_to(by).unread().update(read_at=timezone.now())
        entry.about(by, items=changed)
        if not changed:
            entry.nothing_changed()
    return changed


def set_email(*, wanted: bool, by: StaffMember) -> StaffMember:
    """Whether an email says that something has arrived."""
    demand(by, Permission.TODAY_VIEW)
    with act("reminders.inbox_by_email", by=by, clinic=by.clinic) as entry:
        by.inbox_by_email = wanted
        by.save(update_fields=["inbox_by_email"])
        entry.about(by, wanted=wanted)
    return by


def nudge_due(now: datetime.datetime) -> int:
    """Tell by email whoever wants it that their inbox holds something new: one email, no more than one an hour.

    Returns how many were sent. Marked before it is sent: a crash costs the email, and the inbox has it all.
    """
    new = InboxItem.objects.unread().filter(
        nudged_at=None,
        arrived_at__gt=now - NUDGE_WITHIN,
        arrived_at__lte=now,
        staff_member__inbox_by_email=True,
        staff_member__is_active=True,
    )
    lately = InboxItem.objects.filter(staff_member=OuterRef("staff_member"), nudged_at__gt=now - NUDGE_AGAIN)
    owners = new.exclude(Exists(lately)).order_by().values("staff_member").annotate(newest=Max("pk"))
    return sum(_nudge(row["staff_member"], row["newest"], now) for row in owners)


def _nudge(pk: int, newest: int, now: datetime.datetime) -> bool:
    with transaction.atomic():
        owner = StaffMember.objects.select_for_update(of=("self",), no_key=True).select_related("clinic").get(pk=pk)
        if not InboxItem.objects.filter(staff_member=pk, nudged_at=None, pk__lte=newest).update(nudged_at=now):
            return False
    try:
        message = channels.message(owner.clinic, to=owner.email, body=wording.STAFF.english, key=f"inbox-{newest}")
        channels.send("email", message)
    except SoftTimeLimitExceeded:
        raise  # the task is to end
    except Exception as error:  # the inbox has it
        log.warning("No email about an inbox (%s)", type(error).__name__)
        return False
    return True

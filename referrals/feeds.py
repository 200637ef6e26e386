"""Imports a meeting feed: listed meetings are created or updated, and meetings no longer listed are retired.

Nothing is deleted, and a source that cannot be read or has shrunk suspiciously changes nothing at all.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from dataclasses import dataclass
from typing import TypeAlias

from staff import outside
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember

from . import bmlt, meeting_guide
from .listing import ListedMeeting, ParsedFeed, SourceError
from .models import ImportRun, Meeting, MeetingFeed
from .thresholds import FEED_DROP_PERCENT

_SMALL_FEED = 10  # below this many meetings, losing half of them is everyday life
_FROM_FEED = tuple(field.name for field in dataclasses.fields(ListedMeeting) if field.name != "external_id")
_WRITTEN = (*_FROM_FEED, "fellowship", "content_hash", "imported_at", "retired_at")


Payload: TypeAlias = bytes | str | list[dict[str, object]] | dict[str, object]


def parse(*, feed: MeetingFeed, payload: Payload) -> ParsedFeed:
    """Read a payload in the feed's format. Raises SourceError if it is not a meeting list at all."""
    default_time_zone = feed.time_zone or feed.clinic.time_zone
    if feed.format == MeetingFeed.Format.BMLT:
        return bmlt.parse(payload, fellowship=feed.fellowship, default_time_zone=default_time_zone)
    return meeting_guide.parse(payload, fellowship=feed.fellowship, default_time_zone=default_time_zone)


def import_feed(
    *,
    feed: MeetingFeed,
    payload: Payload,
    at: datetime.datetime,
    by: StaffMember | None = None,
    source: str = "",
    confirm_drop: bool = False,
) -> ImportRun:
    """Update the directory from a payload (bytes, text or parsed JSON) and report each row's result.

    A web page, broken JSON, an empty list or a list without a single usable row changes nothing and is reported as the
    run's `error`. So is a payload that lacks more than a threshold's share of the feed's meetings, unless
    `confirm_drop`. An unreadable row retires nothing: whatever it may stand for stays as it was (`kept`). `by=None` is
    a command. The number of queries does not depend on the number of meetings.
    """
    if by is not None:
        demand(by, Permission.FEED_IMPORT)
    with act("referrals.import_feed", by=by, clinic=feed.clinic) as entry:
        feed = MeetingFeed.objects.select_for_update(no_key=True).get(pk=feed.pk)  # two imports of one feed take turns
        run = ImportRun(feed=feed, at=at, by=by, source=outside.text(source, longest=500))
        try:
            parsed = parse(feed=feed, payload=payload)
            run.rejected = len(parsed.rejected)
            run.rejected_rows = [dataclasses.asdict(each) for each in parsed.rejected]
            run.remarks = [dataclasses.asdict(each) for each in parsed.remarks]
            _refuse_unusable(parsed)
            _bring_in_line(run, parsed, confirm_drop=confirm_drop)
        except SourceError as error:
            run.error = outside.text(str(error), longest=500)
        run.save()
        entry.about(run, created=run.created, updated=run.updated, retired=run.retired, failed=bool(run.error))
    return run


def report_unread(
    *, feed: MeetingFeed, error: str, at: datetime.datetime, by: StaffMember | None, source: str
) -> ImportRun:
    """Keep in the feed's history that its source could not even be fetched."""
    with act("referrals.import_feed", by=by, clinic=feed.clinic) as entry:
        run = ImportRun.objects.create(
            feed=feed,
            at=at,
            by=by,
            source=outside.text(source, longest=500),
            error=outside.text(error, longest=500),
        )
        entry.about(run, failed=True)
    return run


def _refuse_unusable(parsed: ParsedFeed) -> None:
    if not parsed.meetings:
        reason = parsed.rejected[0].sentence if parsed.rejected else "The source is empty."
        raise SourceError(f"No row is a meeting. Check the format. First row: {reason}")


@dataclass(frozen=True)
class _Known:
    """The directory's current meetings under an external id."""

    content_hash: str
    retired: bool


def _bring_in_line(run: ImportRun, parsed: ParsedFeed, *, confirm_drop: bool) -> None:
    feed = run.feed
    known = {
        external_id: _Known(content_hash, retired_at is not None)
        for external_id, content_hash, retired_at in feed.meetings.values_list(
            "external_id", "content_hash", "retired_at"
        )
    }
    listed = {meeting.external_id for meeting in parsed.meetings}
    missing = [external_id for external_id, was in known.items() if not was.retired and external_id not in listed]
    run.unidentified = parsed.unidentified
    if parsed.unidentified > _unidentified_before(feed) and not confirm_drop:
        gone: list[str] = []  # a row without an id may be any of them
    else:
        gone = [external_id for external_id in missing if not parsed.may_be_rejected(external_id)]
    run.kept = len(missing) - len(gone)
    active = sum(not was.retired for was in known.values())
    limit = FEED_DROP_PERCENT.for_clinic(feed.clinic)
    if active >= _SMALL_FEED and len(gone) * 100 > limit * active and not confirm_drop:
        run.would_retire = len(gone)
        run.kept = 0
        raise SourceError(
            f"{len(gone)} of {active} meetings are missing from the source (more than {limit}%). Nothing "
            "changed. If the list is correct, import again and confirm."
        )

    written: list[Meeting] = []
    for meeting in parsed.meetings:
        content_hash = _hash(feed, meeting)
        was = known.get(meeting.external_id)
        if was and was.content_hash == content_hash and not was.retired:
            run.unchanged += 1
            continue
        written.append(_row(feed, meeting, content_hash, run.at))
        if was:
            run.updated += 1
        else:
            run.created += 1
    if written:
        Meeting.objects.bulk_create(
            written, update_conflicts=True, unique_fields=("feed", "external_id"), update_fields=_WRITTEN
        )
    if gone:
        run.retired = feed.meetings.filter(external_id__in=gone, retired_at=None).update(retired_at=run.at)


def _unidentified_before(feed: MeetingFeed) -> int:
    """How many rows had no id when nothing was missing: none of those stands for a meeting missing since."""
    runs = feed.runs.filter(error="", kept=0).order_by("-at", "-pk")
    return runs.values_list("unidentified", flat=True).first() or 0


def _hash(feed: MeetingFeed, meeting: ListedMeeting) -> str:
    """Covers the row and the feed's fellowship, which may have been corrected since the last import."""
    return hashlib.sha256(f"{feed.fellowship} {meeting.content_hash}".encode()).hexdigest()


def _row(feed: MeetingFeed, meeting: ListedMeeting, content_hash: str, at: datetime.datetime) -> Meeting:
    values: dict[str, object] = {name: getattr(meeting, name) for name in _FROM_FEED}
    values["types"] = list(meeting.types)
    values["time_zone"] = meeting.time_zone or feed.time_zone or feed.clinic.time_zone
    return Meeting(
        feed=feed,
        external_id=meeting.external_id,
        fellowship=feed.fellowship,
        content_hash=content_hash,
        imported_at=at,
        retired_at=None,
        **values,
    )

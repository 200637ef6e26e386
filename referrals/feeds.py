"""Imports a meeting feed: listed meetings are created or updated, and meetings no longer listed are retired.

Nothing is deleted, and a source that cannot be read or has shrunk suspiciously changes nothing at all. The list is read
row by row and never is in memory whole (`reading`, `payloads`); what is new goes into the directory in a few statements
(`staging`).
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F

from staff import outside
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal
from staff.thresholds import values_for

from . import bmlt, matching, meeting_guide, reading, staging
from .fetching import Version
from .listing import ParsedFeed, SourceError
from .models import ImportDecision, ImportRun, MeetingFeed
from .payloads import Payload, Source
from .thresholds import FEED_DROP_DAYS, FEED_DROP_LEAST, FEED_DROP_PERCENT

_EVERY = 1_000  # rows between two words about how far it is

Progress = Callable[[int], None]


class KeptByHand(Refusal):
    """No import touches what the clinic keeps by hand."""

    sentence = "These meetings are kept by hand. No list can be imported over them."


def _reader(feed: MeetingFeed) -> meeting_guide.Reader | bmlt.Reader:
    kind = bmlt.Reader if feed.format == MeetingFeed.Format.BMLT else meeting_guide.Reader
    return kind(fellowship=feed.fellowship, default_time_zone=feed.time_zone or feed.clinic.time_zone)


def parse(*, feed: MeetingFeed, payload: Payload) -> ParsedFeed:
    """Read a payload in the feed's format. Raises SourceError if it is not a meeting list at all."""
    return reading.read_whole(Source(payload), _reader(feed))


def import_feed(
    *,
    feed: MeetingFeed,
    payload: Payload,
    at: datetime.datetime,
    by: StaffMember | None = None,
    source: str = "",
    confirm_drop: bool = False,
    version: Version | None = None,
    progress: Progress = lambda _: None,
) -> ImportRun:
    """Update the directory from a payload (a file, bytes, text or parsed JSON) and report each row's result.

    A web page, broken JSON, an empty list or a list without a single usable row changes nothing and is reported as the
    run's `error`. So is a payload that lacks a threshold's share of the feed's meetings, or of the most that it had
    within some weeks, unless `confirm_drop`: it is held for a person (`holding`). An unreadable row retires nothing:
    whatever it may stand for stays as it was (`kept`). `by=None` is a command or the schedule. `progress` hears how
    many rows have been read. The number of queries does not depend on the number of meetings.
    """
    if by is not None:
        demand(by, Permission.FEED_IMPORT)
    if feed.is_kept_by_hand:
        raise KeptByHand
    with act("referrals.import_feed", by=by, clinic=feed.clinic) as entry:
        feed = MeetingFeed.objects.select_for_update(no_key=True).get(pk=feed.pk)  # two imports of one feed take turns
        run = ImportRun(feed=feed, at=at, by=by, source=outside.text(source, longest=500))
        listed = Source(payload)
        try:
            with transaction.atomic():
                _import(run, listed, confirm_drop=confirm_drop, progress=progress)
        except SourceError as error:
            run.error = outside.text(str(error), longest=500)
            run.created = run.updated = run.unchanged = run.retired = run.renamed = run.kept = 0
        else:
            if version is not None:
                run.etag = outside.text(version.etag)[:255]
                run.last_modified = outside.text(version.last_modified)[:64]
        finally:
            listed.release()
        run.save()
        if run.created or run.updated or run.retired:
            matching.match(feed=feed, at=at)
        entry.about(run, created=run.created, updated=run.updated, retired=run.retired, failed=bool(run.error))
    return run


def unchanged_since(feed: MeetingFeed, *, source: str) -> ImportRun | None:
    """The last import of this address that was used, if the feed's settings and our reading are as they were then.

    It has what to ask the server with (`version`): a source that is as it was need not be sent again.
    """
    last = feed.runs.filter(error="").order_by("-at", "-pk").first()
    if last is None or last.source != source or not (last.etag or last.last_modified):
        return None
    return last if last.digest.endswith(_settings(feed)) else None


def report_unchanged(
    *, feed: MeetingFeed, last: ImportRun, at: datetime.datetime, by: StaffMember | None, source: str
) -> ImportRun:
    """Keep in the feed's history that the server said its list is as it was."""
    with act("referrals.import_feed", by=by, clinic=feed.clinic) as entry:
        run = ImportRun(feed=feed, at=at, by=by, source=outside.text(source, longest=500))
        run.etag, run.last_modified = last.etag, last.last_modified
        _as_before(run, last)
        run.save()
        entry.about(run, created=0, updated=0, retired=0, failed=False)
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


def _settings(feed: MeetingFeed) -> str:
    """What decides, beside its bytes, what a list means: with those, half of a run's digest."""
    said = f"{reading.edition()} {feed.format} {feed.fellowship} {feed.time_zone or feed.clinic.time_zone}"
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _import(run: ImportRun, source: Source, *, confirm_drop: bool, progress: Progress) -> None:
    feed = run.feed
    if said := source.digest():
        run.digest = said[:40] + _settings(feed)
        last = feed.runs.filter(error="").order_by("-at", "-pk").first()
        if last is not None and last.digest == run.digest and not confirm_drop:
            _as_before(run, last)
            return
        _refuse_what_was_refused(run)
    known = _Known.of(feed)
    into = ParsedFeed()
    reader = _reader(feed)
    with staging.copying(feed, run.at, merges=not known.meetings) as rows:  # nothing can be gone or renamed
        try:
            rewritten = _read(run, reader, source, known, into, rows, progress)
        finally:
            run.rejected = into.rejected_rows
            run.rejected_rows = [dataclasses.asdict(each) for each in into.rejected]
            run.remarks = [dataclasses.asdict(each) for each in into.remarks]
            run.unidentified = into.unidentified
    if not into.ids:
        reason = into.rejected[0].sentence if into.rejected else "The source is empty."
        raise SourceError(f"No row is a meeting. Check the format. First row: {reason}")
    run.unidentified = into.unidentified = into.unidentified + into.strangers(known.meetings)
    if into.remarked > len(into.remarks):
        more = f"{into.remarked - len(into.remarks):,} more notes like these aren’t kept."
        run.remarks.append({"index": -1, "name": "", "sentence": more})
    missing = [each for each, was in known.meetings.items() if not was.is_retired and each not in into.ids]
    if missing and known.new:
        renamed = staging.rename(feed, lost=missing, found=known.new)
        run.renamed = len(renamed)
        run.created -= run.renamed
        run.updated += run.renamed
        if renamed:
            missing = list(
                feed.meetings.filter(retired_at=None, external_id__in=missing).values_list("external_id", flat=True)
            )
    gone = _gone(run, missing, into, confirm_drop=confirm_drop)
    try:
        _hold_if_too_much_is_gone(run, len(gone), known.active, confirm_drop=confirm_drop)
    except SourceError:
        run.missing = _in_order(feed, gone)
        raise
    if rows.rows and known.meetings:
        staging.merge(feed, run.at)
    if rewritten:
        staging.remember_rows(feed, rewritten)
    if gone:
        run.retired = staging.retire(feed, gone, run.at)


def _as_before(run: ImportRun, last: ImportRun) -> None:
    """The source is as it was: so are its meetings, and the report of `last` holds."""
    run.digest = last.digest
    run.same_as_id = last.same_as_id or last.pk
    run.unchanged = last.created + last.updated + last.unchanged
    run.rejected, run.unidentified, run.kept = last.rejected, last.unidentified, last.kept


def _refuse_what_was_refused(run: ImportRun) -> None:
    """Raise SourceError for the very list that somebody has decided not to use."""
    decision = (
        ImportDecision.objects.filter(run__feed=run.feed, run__digest=run.digest, verdict=ImportDecision.Verdict.KEEP)
        .select_related("by")
        .order_by("-at")
        .first()
    )
    if decision is not None:
        on = decision.at.astimezone(run.feed.clinic.zone)
        raise SourceError(
            f"This is still the list that {decision.by} decided not to use on {on:%b %-d, %Y}. The meetings were kept."
        )


@dataclass(frozen=True, slots=True)
class _Was:
    """A meeting as the directory has it."""

    content_hash: str
    is_retired: bool
    row_hash: str


@dataclass
class _Known:
    """The feed's meetings by their ids, and the ids under the digests of the rows that list them."""

    meetings: dict[str, _Was]
    rows: dict[str, list[str]]
    active: int
    new: list[str] = field(default_factory=list)  # ids that the directory does not have

    @classmethod
    def of(cls, feed: MeetingFeed) -> _Known:
        meetings: dict[str, _Was] = {}
        rows: dict[str, list[str]] = {}
        half_gone: set[str] = set()
        said = feed.meetings.values_list("external_id", "content_hash", "retired_at", "row_hash")
        for external_id, content_hash, retired_at, row_hash in said:
            meetings[external_id] = _Was(content_hash, retired_at is not None, row_hash)
            if row_hash and retired_at is None:
                rows.setdefault(row_hash, []).append(external_id)
            elif row_hash:
                half_gone.add(row_hash)
        for each in half_gone:
            rows.pop(each, None)
        return cls(meetings, rows, sum(not was.is_retired for was in meetings.values()))


def _read(
    run: ImportRun,
    reader: meeting_guide.Reader | bmlt.Reader,
    source: Source,
    known: _Known,
    into: ParsedFeed,
    rows: staging.Staging,
    progress: Progress,
) -> list[tuple[str, str]]:
    """Read the source, count, and copy what is new or different. Returns rows that say the same in other words."""
    rewritten: list[tuple[str, str]] = []

    def is_known(row_hash: str) -> bool:
        if into.rows % _EVERY == 0:
            progress(into.rows)
        listed = known.rows.get(row_hash)
        if listed is None or not into.ids.isdisjoint(listed):
            return False
        into.ids.update(listed)
        run.unchanged += len(listed)
        return True

    for meeting, row_hash in reading.read(source, reader, into, is_known):
        meeting.time_zone = meeting.time_zone or reader.default_time_zone
        line = meeting.line()
        content_hash = staging.content_hash(reader.fellowship, line)
        was = known.meetings.get(meeting.external_id)
        if was is not None and was.content_hash == content_hash and not was.is_retired:
            run.unchanged += 1
            if was.row_hash != row_hash and row_hash:
                rewritten.append((meeting.external_id, row_hash))
            continue
        if was is None:
            run.created += 1
            known.new.append(meeting.external_id)
        else:
            run.updated += 1
        rows.add(meeting, line, content_hash, row_hash)
    progress(into.rows)
    return rewritten


def _gone(run: ImportRun, missing: list[str], into: ParsedFeed, *, confirm_drop: bool) -> list[str]:
    """Those of the missing meetings that no rejected row can stand for."""
    if into.unidentified > _unidentified_before(run.feed) and not confirm_drop:
        gone: list[str] = []  # a row without an id, or with one that is new here, may be any of them
    else:
        gone = [external_id for external_id in missing if not into.may_be_rejected(external_id)]
    run.kept = len(missing) - len(gone)
    return gone


def _in_order(feed: MeetingFeed, gone: list[str]) -> list[int]:
    """Their keys, as a person reads a list: by name, then by day and time."""
    rows = feed.meetings.filter(external_id__in=gone).order_by("name", "weekday", "start", "pk")
    return list(rows.values_list("pk", flat=True))


def _hold_if_too_much_is_gone(run: ImportRun, gone: int, active: int, *, confirm_drop: bool) -> None:
    """Raise SourceError if the list lost too much since the last import, or since it was longest within some weeks.

    If someone confirmed it, that stands in the report, and the next imports are compared with what was confirmed.
    """
    if not gone:
        return
    if confirm_drop:
        said = f"{gone:,} of {active:,} meetings were missing from the source. Someone confirmed it."
        run.remarks.append({"index": -1, "name": "", "sentence": said, "confirmed": True})
        return
    numbers = values_for(run.feed.clinic, [FEED_DROP_PERCENT, FEED_DROP_LEAST, FEED_DROP_DAYS])
    limit, least, days = (numbers[each.key] for each in (FEED_DROP_PERCENT, FEED_DROP_LEAST, FEED_DROP_DAYS))
    if gone >= least and gone * 100 >= limit * active:
        found = f"{gone:,} of {active:,} meetings are missing from the source (the limit is {limit}%)."
    else:
        left = run.created + run.updated + run.unchanged + run.kept
        most, on = _most_lately(run, days)
        if most - left < least or (most - left) * 100 < limit * most:
            return
        found = (
            f"{left:,} of the {most:,} meetings listed on {on} would be left (the limit is {limit}% in {days} days)."
        )
    run.would_retire = gone
    raise SourceError(f"{found} Nothing changed. Check the list, then decide whether to use it.")


def _most_lately(run: ImportRun, days: int) -> tuple[int, str]:
    """How many meetings the feed had when it had most within so many days, and when; not before someone confirmed."""
    used = run.feed.runs.filter(error="")
    lately = used.filter(at__gt=run.at - datetime.timedelta(days=days), at__lte=run.at)
    confirmed = (
        used.filter(remarks__contains=[{"confirmed": True}]).order_by("-pk").values_list("pk", flat=True).first()
    )
    if confirmed is not None:
        lately = lately.filter(pk__gte=confirmed)
    listed = lately.annotate(listed=F("created") + F("updated") + F("unchanged") + F("kept"))
    most, at = listed.order_by("-listed", "-at").values_list("listed", "at").first() or (0, run.at)
    return most, f"{at.astimezone(run.feed.clinic.zone):%b %-d, %Y}"


def _unidentified_before(feed: MeetingFeed) -> int:
    """How many rows had no id when nothing was missing: none of those stands for a meeting missing since."""
    runs = feed.runs.filter(error="", kept=0).order_by("-at", "-pk")
    return runs.values_list("unidentified", flat=True).first() or 0

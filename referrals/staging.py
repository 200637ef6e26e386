"""Writes a read list into the directory: COPY into a table of its own, then one statement each for what is to be done.

The table is temporary: no row-level security binds it, no other connection sees it, and it goes with the transaction.
Its rows meet the policies, checks and triggers of the directory when they are merged into it.
"""

from __future__ import annotations

import datetime
import hashlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from .listing import SAID, ListedMeeting, is_made_up
from .models import MeetingFeed

_STAGED = ("external_id", "content_hash", "row_hash", *SAID)
_AT_ONCE = 4_000  # rows

_MAKE = f"""
DROP TABLE IF EXISTS pg_temp.import_rows;
CREATE TEMPORARY TABLE import_rows ON COMMIT DROP AS
    SELECT {", ".join(_STAGED)} FROM referrals_meeting WITH NO DATA
"""  # noqa: S608  # nosec B608 - names of columns

_COPY = f"COPY import_rows ({', '.join(_STAGED)}) FROM STDIN"

# The same meeting under another id: first a root server that moved (as `listing` compares ids), then what agrees in
# name, day, time and place. Only where exactly one lost meeting and one new row agree.
_SAME_MEETING = (
    "replace(regexp_replace(lower(external_id), '^https?://(www[.])?', ''), '/#', '#')",
    r"""concat_ws('|', regexp_replace(lower(name), '\W+', ' ', 'g'), weekday, start,
        CASE WHEN attendance = 'online' OR address = ''
            THEN 'online|' || conference_url || '|' || conference_phone || '|' || lower(address)
            ELSE lower(address) END)""",
)
_RENAME = """
WITH lost AS (
    SELECT min(id) AS id, {same} AS same FROM referrals_meeting
    WHERE feed_id = %(feed)s AND external_id = ANY(%(lost)s) AND retired_at IS NULL
    GROUP BY 2 HAVING count(*) = 1
), found AS (
    SELECT min(external_id) AS external_id, {same} AS same FROM import_rows
    WHERE external_id = ANY(%(found)s)
    GROUP BY 2 HAVING count(*) = 1
)
UPDATE referrals_meeting SET external_id = found.external_id
FROM lost JOIN found USING (same)
WHERE referrals_meeting.id = lost.id
RETURNING referrals_meeting.external_id, lost.id
"""
# What has no id of its own has one made up of its name, day, time and place (`listing.made_up_id`; before, of its name
# and its place in the list). Of those, the same meeting is also what is the same in all, by its place; then what has
# another time, then another place; then the only one of its name.
_NAME = r"regexp_replace(lower(name), '\W+', ' ', 'g')"
_MADE_UP = "external_id ~ '~[0-9a-f]{10}(-[0-9]+)?$'"
_ID_OF_NAME = "trim(BOTH '-' FROM regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'))"
_NUMBERED = (
    f"external_id ~ ('^' || left(coalesce(nullif({_ID_OF_NAME}, ''), 'meeting'), 200) || '(@[0-6])?(-[0-9]+)?$')"
)
_WITHOUT_ID = (
    f"concat_ws('|', {_SAME_MEETING[1]}, row_number() OVER ("
    f"PARTITION BY {_SAME_MEETING[1]} ORDER BY length(external_id), external_id))",
    rf"concat_ws('|', {_NAME}, weekday, lower(address), attendance = 'online')",
    rf"concat_ws('|', {_NAME}, weekday, start)",
    _NAME,
)
_RENAME_WITHOUT_ID = f"""
WITH listed AS (
    SELECT id, external_id, {{same}} AS same, {_MADE_UP} OR {_NUMBERED} AS is_made_up FROM referrals_meeting
    WHERE feed_id = %(feed)s AND retired_at IS NULL AND (%(all)s OR external_id = ANY(%(lost)s))
), lost AS (
    SELECT min(id) AS id, same FROM listed
    GROUP BY same HAVING count(*) = 1 AND bool_and(is_made_up AND external_id = ANY(%(lost)s))
), new AS (
    SELECT external_id, {{same}} AS same FROM import_rows WHERE external_id = ANY(%(found)s) AND {_MADE_UP}
), found AS (
    SELECT min(external_id) AS external_id, same FROM new GROUP BY same HAVING count(*) = 1
)
UPDATE referrals_meeting SET external_id = found.external_id
FROM lost JOIN found USING (same)
WHERE referrals_meeting.id = lost.id
RETURNING referrals_meeting.external_id, lost.id
"""  # noqa: S608  # nosec B608 - names of columns
_WRITTEN = ("content_hash", "row_hash", *SAID)
_MERGE = f"""
INSERT INTO referrals_meeting (feed_id, fellowship, imported_at, external_id, {", ".join(_WRITTEN)})
SELECT %(feed)s, %(fellowship)s, %(at)s, external_id, {", ".join(_WRITTEN)} FROM import_rows
ON CONFLICT (feed_id, external_id) DO UPDATE SET
    fellowship = excluded.fellowship, imported_at = excluded.imported_at, retired_at = NULL,
    {", ".join(f"{each} = excluded.{each}" for each in _WRITTEN)}
"""  # noqa: S608  # nosec B608 - names of columns
_REWRITTEN = """
UPDATE referrals_meeting SET row_hash = said.row_hash
FROM unnest(%(ids)s::text[], %(hashes)s::text[]) AS said (external_id, row_hash)
WHERE feed_id = %(feed)s AND referrals_meeting.external_id = said.external_id
"""
_RETIRE = """
UPDATE "referrals_meeting" SET retired_at = %(at)s
WHERE feed_id = %(feed)s AND external_id = ANY(%(gone)s) AND retired_at IS NULL
"""


def content_hash(fellowship: str, line: str) -> str:
    """Covers the row and the feed's fellowship, which may have been corrected since the last import."""
    return hashlib.sha256(f"{fellowship} {line}".encode()).hexdigest()


class Staging:
    """The table of one import, while rows are copied into it."""

    def __init__(self, send: Callable[[str], None]) -> None:
        self.send = send  # lines as COPY reads them
        self._lines: list[tuple[str, str]] = []  # each behind its hash
        self.rows = 0

    def add(self, meeting: ListedMeeting, line: str, content_hash: str, row_hash: str) -> None:
        """Copy one row."""
        external_id = meeting.external_id
        if "\\" in external_id:
            external_id = external_id.replace("\\", "\\\\")
        self._lines.append((content_hash, f"{external_id}\t{content_hash}\t{row_hash}\t{line}\n"))
        self.rows += 1
        if len(self._lines) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Send what is waiting, in the order of the hashes, which is none.

        A list may go along one street, and points that come in order on a line have the index of places split a page
        for nearly each of them (a thousand: 18 MB and 3 s; as sent here 0.1 MB).
        """
        if self._lines:
            self.send("".join(line for _, line in sorted(self._lines)))
            self._lines.clear()


@contextmanager
def copying(feed: MeetingFeed, at: datetime.datetime, *, merges: bool) -> Iterator[Staging]:
    """Make the table, and copy into it what is added inside. `merges`: bring it into the directory at once.

    While the next rows are read, the database works on those before, which is more than half of an import: another
    thread waits for it. It has the connection to itself inside; what it raises is raised here. The clinic scope is that
    of the transaction, as the statements before have set it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MAKE)
        merge = cursor.mogrify(_MERGE, _merged(feed, at)) if merges else ""
    writer = _Writer(connection.connection, merge)
    staging = Staging(writer.send)
    try:
        with connection.execute_wrapper(_refuse):
            yield staging
            staging.flush()
            writer.finish()
    finally:
        writer.stop()


class _Writer:
    """Copies what is sent, and merges it if told how, while the sender goes on."""

    def __init__(self, database: Any, merge: str) -> None:
        self._database, self._merge = database, merge  # the driver's own connection, in the import's transaction
        self._sent: queue.Queue[str | None] = queue.Queue(maxsize=1)  # pieces: more would only be held in memory
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="import-writer", daemon=True)
        self._thread.start()

    def send(self, lines: str) -> None:
        """Hand on lines. Raises what those before have raised."""
        self._sent.put(lines)
        self._raise()

    def finish(self) -> None:
        """Wait until all is written. Raises what that raised."""
        self.stop()
        self._raise()

    def stop(self) -> None:
        """Wait for the statement under way, and leave the connection to whoever had it before."""
        if self._thread.is_alive():
            self._sent.put(None)
            self._thread.join()

    def _raise(self) -> None:
        if self._failed:
            with connection.wrap_database_errors:  # as Django raises what its own cursors do
                raise self._failed

    def _work(self) -> None:
        while (lines := self._sent.get()) is not None:
            if self._failed:
                continue  # it is taken, so that nobody waits with it
            try:
                self._write(lines)
            except BaseException as error:  # raised where the rows come from
                self._failed = error

    def _write(self, lines: str) -> None:
        with self._database.cursor() as cursor:
            with cursor.copy(_COPY) as copy:
                copy.write(lines)
            if self._merge:
                cursor.execute(f"{self._merge}; TRUNCATE import_rows")


def _refuse(*_: object) -> None:
    """A statement on a connection that is in the middle of a COPY would wait for itself."""
    raise RuntimeError("No query while rows are copied.")


def rename(feed: MeetingFeed, *, lost: list[str], found: list[str]) -> set[str]:
    """Give lost meetings the ids under which the list has them now; returns these ids.

    The row stays the same one, and with it the referrals to it and the visits.
    """
    renamed: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE import_rows")
        steps = [(_RENAME, same) for same in _SAME_MEETING]
        if any(is_made_up(each) for each in found):
            steps += [(_RENAME_WITHOUT_ID, same) for same in _WITHOUT_ID]
        for statement, same in steps:
            if len(renamed) < min(len(lost), len(found)):
                left = [each for each in found if each not in renamed]
                asked: dict[str, Any] = {"feed": feed.pk, "lost": lost, "found": left, "all": same == _NAME}
                cursor.execute(statement.replace("{same}", same), asked)
                renamed |= {external_id for external_id, _ in cursor.fetchall()}
    return renamed


def merge(feed: MeetingFeed, at: datetime.datetime) -> None:
    """Bring what was copied into the directory."""
    with connection.cursor() as cursor:
        cursor.execute(_MERGE, _merged(feed, at))


def _merged(feed: MeetingFeed, at: datetime.datetime) -> dict[str, Any]:
    return {"feed": feed.pk, "fellowship": feed.fellowship, "at": at}


def remember_rows(feed: MeetingFeed, written: Iterable[tuple[str, str]]) -> None:
    """Note how rows are written now that say what they said before."""
    ids, hashes = zip(*written, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_REWRITTEN, {"feed": feed.pk, "ids": list(ids), "hashes": list(hashes)})


def retire(feed: MeetingFeed, gone: list[str], at: datetime.datetime) -> int:
    """Take out of the directory what is listed no longer; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_RETIRE, {"feed": feed.pk, "gone": gone, "at": at})
        return int(cursor.rowcount)

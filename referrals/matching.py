"""Which listings of several feeds are one meeting: found after each import and each change by hand, for each clinic.

Two listings are one meeting if their fellowship agrees, they start within five minutes on the same day of the week,
their names are compatible (where they differ, one for newcomers and one for all are two, as are rooms of different
numbers, letters or names; so are rooms of different names where no list names the meeting), and they are in one place
(within 150 m [D], or at the same address) or, where at least one is online only, under the same conference link or the
same telephone number with its meeting number. Of these one leads, which is the one that the finder shows: the clinic's
own, then that of the feed with the highest priority, then the older. Of one feed no two listings stand behind the same
lead: two groups of one church at one hour stay two.

Everything is done by a few statements, whatever the size of the lists. What a person has joined or undone is left
alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from staff import clinic_scope
from staff.models import Clinic

from .models import Meeting, MeetingFeed, OwnMeetingChange, SameMeeting
from .models.feed import USUAL_PRIORITY

NEAR_M = 150  # [D] feeds measure the same door from different maps
MINUTES = 5
NAMES_ALIKE = 0.5  # trigram similarity of what is left of the names, from which they may be one
_ROUNDS = 25  # far more than lists ever need: each decides all that depends on nothing undecided

_EARTH_M = 6371008.8
_CELL = 0.002  # degrees of latitude, 222 m: listings this near are compared
_MARGIN = 0.0014  # a little more than 150 m

# Words that tell no two meetings apart.
_NOISE = (
    "aa|na|al|anon|the|of|and|a|an|in|on|at|group|groups|meeting|meetings|fellowship|inc|online|zoom|virtual|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun|am|pm"
)
_ABBREVIATED = (
    ("street", "st"), ("avenue", "ave"), ("road", "rd"), ("drive", "dr"), ("boulevard", "blvd"), ("lane", "ln"),
    ("highway", "hwy"), ("place", "pl"), ("court", "ct"), ("north", "n"), ("south", "s"), ("east", "e"), ("west", "w"),
)  # fmt: skip


def _words(column: str) -> str:
    plain = rf"regexp_replace(lower({column}), '[^[:alnum:]]+', ' ', 'g')"
    return rf"btrim(regexp_replace(regexp_replace({plain}, '\m({_NOISE})\M', '', 'g'), ' +', ' ', 'g'))"


def _street() -> str:
    said = "coalesce(nullif(m.street, ''), split_part(m.address, ',', 1))"
    plain = short = rf"btrim(regexp_replace(lower({said}), '[^[:alnum:]]+', ' ', 'g'))"
    for long, abbreviation in _ABBREVIATED:
        short = rf"regexp_replace({short}, '\m{long}\M', '{abbreviation}', 'g')"
    written_out = "|".join(long for long, _ in _ABBREVIATED)
    return rf"CASE WHEN {said} ~* '\m({written_out})\M' THEN {short} ELSE {plain} END"


_TOWN_SAID = "coalesce(nullif(m.city, ''), split_part(m.address, ',', 2))"
_TOWN = f"btrim(regexp_replace(lower({_TOWN_SAID}), '[^[:alnum:]]+', ' ', 'g'))"
_LINK = r"""CASE WHEN m.conference_url ~* 'zoom\.us/(j|w|my|s)/'
    THEN 'zoom/' || lower(substring(m.conference_url from '(?i)zoom\.us/(?:j|w|my|s)/([^/?#]+)'))
    ELSE rtrim(regexp_replace(lower(m.conference_url), '^https?://(www\.)?', ''), '/') END"""

# The number of a room, or its letter: “Room 2”, “rm. B”.
_ROOM = r"""coalesce(
    substring(m.venue from '[0-9]+'), substring(lower(m.venue) from '\m(?:room|rm|suite)[. #]+([a-z])\M')
)"""


def _named_room(column: str) -> str:
    """A room by its name, at the end of what a list says of the place: “Trinity Church, Chapel”, “(the Blue Room)”.

    Only rooms that rule each other out. A basement may be the fellowship hall, and “Meeting Room” any; “Wesley Chapel”
    and “Public Library” are houses.
    """
    colors = "blue|red|green|yellow|white|gold|rose|purple|orange|brown|pink"
    rooms = rf"(?:{colors}) room|chapel|library|gym|cafeteria|nursery"
    return rf"substring(lower({column}) from '(?:^|[,;:(/–-] *)(?:in )?(?:the )?({rooms})(?:nasium)?[). ]*$')"


_NAMED_ROOM = f"coalesce({_named_room('m.venue')}, {_named_room('m.location_notes')})"

_PREPARE = f"""
DROP TABLE IF EXISTS pg_temp.same_listing, pg_temp.same_met, pg_temp.same_candidate, pg_temp.same_pair,
    pg_temp.same_edge, pg_temp.same_found, pg_temp.same_heir, pg_temp.same_handed, pg_temp.same_pinned,
    pg_temp.same_joined, pg_temp.same_undone;
CREATE TEMPORARY TABLE same_listing ON COMMIT DROP AS
SELECT said.*,
    array_remove(ARRAY[
        CASE WHEN place_cell IS NOT NULL THEN 'p' || place_cell END,
        CASE WHEN street ~ '[0-9]' AND town <> '' THEN 'a' || street || '|' || town END,
        CASE WHEN link <> '' THEN 'u' || link END,
        CASE WHEN length(dialed) >= 15 THEN 't' || dialed END
    ], NULL) AS keys,
    CASE WHEN place_cell IS NULL THEN ARRAY[]::text[] ELSE ARRAY[
        'p' || floor((latitude - {_MARGIN}) / {_CELL}), 'p' || floor((latitude + {_MARGIN}) / {_CELL})
    ] END AS around
FROM (
    SELECT m.id, m.feed_id, f.clinic_id, f.is_shared, f.format, f.priority, m.fellowship, m.week_minute,
        m.attendance = 'online' AS is_remote, m.latitude,
        CASE WHEN m.approximate OR m.located_by = 'zip' THEN NULL ELSE m.position END AS position,
        CASE WHEN m.position IS NOT NULL AND NOT m.approximate AND m.located_by <> 'zip'
            THEN floor(m.latitude / {_CELL}) END AS place_cell,
        CASE WHEN m.attendance = 'online' OR m.approximate THEN '' ELSE {_street()} END AS street,
        {_TOWN} AS town,
        {_LINK} AS link,
        CASE WHEN m.conference_phone = '' THEN '' ELSE regexp_replace(m.conference_phone, '[^0-9]', '', 'g') END
            AS dialed
    FROM referrals_meeting m JOIN referrals_meetingfeed f ON f.id = m.feed_id
    WHERE m.retired_at IS NULL AND f.is_active AND m.attendance <> 'inactive'
        AND (f.is_shared OR f.clinic_id = ANY(%(clinics)s))
) said;
ANALYZE same_listing
"""  # noqa: S608  # nosec B608 - constants

_HASH = "hashtextextended(l.fellowship || ' ' || bucket || ' ' || word, 0)"
# Those of two lists that have a key in common and start within the same two spans of ten minutes. What takes longest to
# read, their names, is read of these alone.
_MEET = f"""
CREATE TEMPORARY TABLE same_met ON COMMIT DROP AS
WITH near AS (
    SELECT l.id, l.feed_id, {_HASH} AS key FROM same_listing l,
        LATERAL unnest(l.keys || l.around) word,
        LATERAL unnest(ARRAY[l.week_minute / 10, CASE WHEN l.week_minute %% 10 < {MINUTES}
            THEN (l.week_minute - {MINUTES} + 10080) %% 10080 / 10 ELSE (l.week_minute + {MINUTES}) %% 10080 / 10 END
        ]) bucket
    WHERE l.week_minute IS NOT NULL
), exact AS (
    SELECT l.id, l.feed_id, {_HASH} AS key
    FROM same_listing l, LATERAL unnest(l.keys) word, LATERAL (SELECT l.week_minute / 10 AS bucket) at
    WHERE l.week_minute IS NOT NULL
)
SELECT DISTINCT near.id AS one, exact.id AS other FROM near JOIN exact USING (key)
WHERE near.id < exact.id AND near.feed_id <> exact.feed_id;
CREATE TEMPORARY TABLE same_candidate ON COMMIT DROP AS
SELECT l.*,
    {_words("m.name")} AS name_words, {_words("m.group_name")} AS group_words,
    substring(m.name from '[0-9]+') AS number,
    m.types && ARRAY['W']::varchar[] OR m.name ~* '\\mwom[ae]n' AS for_women,
    m.types && ARRAY['M']::varchar[] OR m.name ~* '\\mm[ae]n(s|''s|’s)?\\M' AS for_men,
    m.types && ARRAY['BE', 'BEG']::varchar[] OR m.name ~* '\\m(beginner|newcomer)' AS for_new,
    {_ROOM} AS room, {_NAMED_ROOM} AS named_room
FROM same_listing l JOIN referrals_meeting m USING (id)
WHERE l.id IN (SELECT one FROM same_met UNION SELECT other FROM same_met);
ANALYZE same_met; ANALYZE same_candidate
"""  # noqa: S608  # nosec B608 - constants

_AT_ONE_TIME = f"""least(
    (one.week_minute - other.week_minute + 10080) %% 10080, (other.week_minute - one.week_minute + 10080) %% 10080
) <= {MINUTES}"""
_COMPATIBLE = f"""(one.number IS NULL OR other.number IS NULL OR one.number = other.number)
AND NOT (one.for_women AND other.for_men AND NOT one.for_men)
AND NOT (one.for_men AND other.for_women AND NOT other.for_men)
AND (
    one.name_words = other.name_words
    OR one.for_new = other.for_new AND (one.room IS NULL OR other.room IS NULL OR one.room = other.room)
)
AND (
    one.name_words = other.name_words AND one.name_words <> ''
    OR one.named_room IS NULL OR other.named_room IS NULL OR one.named_room = other.named_room
)
AND (
    one.name_words = other.name_words
    OR one.name_words = '' OR other.name_words = ''
    OR (one.group_words <> '' AND one.group_words = other.group_words)
    OR ' ' || one.name_words || ' ' LIKE '%% ' || other.name_words || ' %%'
    OR ' ' || other.name_words || ' ' LIKE '%% ' || one.name_words || ' %%'
    OR (one.group_words <> '' AND one.group_words = other.name_words)
    OR (other.group_words <> '' AND other.group_words = one.name_words)
    OR similarity(one.name_words, other.name_words) >= {NAMES_ALIKE}
)"""  # nosec B608 - constants

_PAIRS = f"""
CREATE TEMPORARY TABLE same_pair ON COMMIT DROP AS
SELECT one.id AS one, other.id AS other,
    similarity(one.name_words, other.name_words)
        + CASE WHEN one.week_minute = other.week_minute THEN 0.05 ELSE 0 END AS likeness
FROM same_met met JOIN same_candidate one ON one.id = met.one JOIN same_candidate other ON other.id = met.other
WHERE one.fellowship = other.fellowship AND {_AT_ONE_TIME}
    AND (
        (one.position <-> other.position) * {_EARTH_M} <= {NEAR_M}
        OR one.street ~ '[0-9]' AND one.street = other.street AND one.town = other.town AND one.town <> ''
        OR (one.is_remote OR other.is_remote)
            AND (one.link <> '' AND one.link = other.link OR length(one.dialed) >= 15 AND one.dialed = other.dialed)
    )
    AND {_COMPATIBLE};
"""  # noqa: S608  # nosec B608 - constants

# A list with the address alone and one with coordinates alone meet in a third one that has both.
_THROUGH_A_THIRD = f"""
INSERT INTO same_pair
WITH both_ways AS (SELECT one, other FROM same_pair UNION ALL SELECT other, one FROM same_pair)
SELECT DISTINCT one.id, other.id, similarity(one.name_words, other.name_words)
FROM both_ways first JOIN both_ways second ON second.one = first.other
JOIN same_candidate one ON one.id = first.one JOIN same_candidate other ON other.id = second.other
WHERE one.id < other.id AND one.feed_id <> other.feed_id
    AND {_AT_ONE_TIME}
    AND (one.position IS NULL OR other.position IS NULL)
    AND (one.street = '' OR other.street = '' OR one.street = other.street)
    AND {_COMPATIBLE}
    AND NOT EXISTS (SELECT FROM same_pair p WHERE p.one = one.id AND p.other = other.id);
ANALYZE same_pair
"""  # noqa: S608  # nosec B608 - constants

# What a person has joined to a lead that is listed no longer stays joined: all of it stands behind the first of it that
# is listed, and so does the lead, by whoever has joined them. What the rule has put there, it looks at anew.
_HEIRS = f"""
CREATE TEMPORARY TABLE same_heir ON COMMIT DROP AS
SELECT DISTINCT ON (s.clinic_id, s.lead_id) s.clinic_id, s.lead_id AS gone, s.listing_id AS heir, s.by_id
FROM referrals_samemeeting s JOIN same_listing l ON l.id = s.listing_id
WHERE s.clinic_id = ANY(%(clinics)s) AND s.undone_at IS NULL AND s.found_by = 'person'
    AND (l.is_shared OR l.clinic_id = s.clinic_id)
    AND EXISTS (
        SELECT FROM referrals_meeting m JOIN referrals_meetingfeed f ON f.id = m.feed_id
        WHERE m.id = s.lead_id
            AND (m.retired_at IS NOT NULL OR NOT f.is_active OR NOT (f.is_shared OR f.clinic_id = s.clinic_id))
    )
ORDER BY s.clinic_id, s.lead_id,
    CASE WHEN l.clinic_id = s.clinic_id THEN l.priority ELSE {USUAL_PRIORITY} END DESC, s.listing_id;
CREATE TEMPORARY TABLE same_handed ON COMMIT DROP AS
SELECT clinic_id, gone AS listing, heir AS lead, 'person' AS found_by, by_id FROM same_heir
UNION ALL
SELECT s.clinic_id, s.listing_id, h.heir, CASE s.found_by WHEN 'person' THEN 'person' ELSE 'rule' END,
    CASE s.found_by WHEN 'person' THEN s.by_id END
FROM referrals_samemeeting s
JOIN same_heir h ON h.clinic_id = s.clinic_id AND h.gone = s.lead_id AND h.heir <> s.listing_id
WHERE s.undone_at IS NULL
"""  # noqa: S608  # nosec B608 - constants
_HAND_OVER = """
UPDATE referrals_samemeeting s SET undone_at = %(at)s FROM same_heir h
WHERE s.clinic_id = h.clinic_id AND s.lead_id = h.gone AND s.undone_at IS NULL
"""
_HANDED = """
INSERT INTO referrals_samemeeting (clinic_id, listing_id, lead_id, found_by, found_at, by_id, seen_hash, undone_because)
SELECT clinic_id, listing, lead, found_by, %(at)s, by_id, '', '' FROM same_handed
"""

# What people have decided, read once and looked up by hash: asked of the table pair by pair, it is read for each pair.
_BY_PEOPLE = """
CREATE TEMPORARY TABLE same_pinned ON COMMIT DROP AS
SELECT DISTINCT clinic_id, lead_id AS lead FROM referrals_samemeeting
WHERE clinic_id = ANY(%(clinics)s) AND undone_at IS NULL AND found_by <> 'rule';
CREATE TEMPORARY TABLE same_joined ON COMMIT DROP AS
SELECT clinic_id, listing_id AS listing FROM referrals_samemeeting
WHERE clinic_id = ANY(%(clinics)s) AND undone_at IS NULL AND found_by <> 'rule';
CREATE TEMPORARY TABLE same_undone ON COMMIT DROP AS
SELECT DISTINCT clinic_id, least(listing_id, lead_id) AS one, greatest(listing_id, lead_id) AS other
FROM referrals_samemeeting WHERE clinic_id = ANY(%(clinics)s) AND undone_by_id IS NOT NULL;
ANALYZE same_pinned; ANALYZE same_joined; ANALYZE same_undone
"""


def _rank(meeting: str) -> str:
    """What leads has the greater one; of one feed all have the same."""
    ours = f"({meeting}.clinic_id = c.id)"
    return (
        f"ARRAY[({ours} AND {meeting}.format = 'own')::int, (pinned_{meeting}.lead IS NOT NULL)::int,"
        f" CASE WHEN {ours} THEN {meeting}.priority ELSE {USUAL_PRIORITY} END, {ours}::int]"
    )


# Every pair as each clinic that sees both sees it, with the one that would lead.
_EDGES = f"""
CREATE TEMPORARY TABLE same_edge ON COMMIT DROP AS
SELECT clinic_id, likeness,
    CASE WHEN other_leads THEN one ELSE other END AS listing,
    CASE WHEN other_leads THEN one_feed ELSE other_feed END AS feed,
    CASE WHEN other_leads THEN other ELSE one END AS lead,
    CASE WHEN other_leads THEN other_rank ELSE one_rank END AS rank
FROM (
    SELECT *, (other_rank, -other) > (one_rank, -one) AS other_leads FROM (
        SELECT c.id AS clinic_id, p.likeness, one.id AS one, other.id AS other, one.feed_id AS one_feed,
            other.feed_id AS other_feed, {_rank("one")} AS one_rank, {_rank("other")} AS other_rank
        FROM same_pair p JOIN same_candidate one ON one.id = p.one JOIN same_candidate other ON other.id = p.other
        JOIN staff_clinic c ON c.id = ANY(%(clinics)s)
            AND (one.is_shared OR one.clinic_id = c.id) AND (other.is_shared OR other.clinic_id = c.id)
        LEFT JOIN same_pinned pinned_one ON pinned_one.clinic_id = c.id AND pinned_one.lead = one.id
        LEFT JOIN same_pinned pinned_other ON pinned_other.clinic_id = c.id AND pinned_other.lead = other.id
        WHERE NOT EXISTS (SELECT FROM same_joined j WHERE j.clinic_id = c.id AND j.listing = one.id)
            AND NOT EXISTS (SELECT FROM same_joined j WHERE j.clinic_id = c.id AND j.listing = other.id)
            AND NOT EXISTS (
                SELECT FROM same_undone u WHERE u.clinic_id = c.id AND u.one = one.id AND u.other = other.id
            )
    ) ranked
) oriented
WHERE NOT EXISTS (
    SELECT FROM same_pinned p
    WHERE p.clinic_id = oriented.clinic_id AND p.lead = CASE WHEN other_leads THEN one ELSE other END
);
CREATE TEMPORARY TABLE same_found (clinic_id bigint, listing bigint, feed bigint, lead bigint) ON COMMIT DROP;
ANALYZE same_edge
"""  # noqa: S608  # nosec B608 - constants

# Those lead that would stand behind nothing that is left. Each listing takes the best of them, and each of them takes
# the most alike listing of a feed.
_DECIDE = """
WITH chosen AS (
    SELECT DISTINCT ON (clinic_id, listing) * FROM same_edge e
    WHERE NOT EXISTS (SELECT FROM same_edge b WHERE b.clinic_id = e.clinic_id AND b.listing = e.lead)
    ORDER BY clinic_id, listing, rank DESC, likeness DESC, lead
)
INSERT INTO same_found
SELECT DISTINCT ON (clinic_id, lead, feed) clinic_id, listing, feed, lead FROM chosen
ORDER BY clinic_id, lead, feed, likeness DESC, listing
"""
# Four joins by hash. As one with OR they compared each with each: forty thousand found took hours.
_SETTLE = """
DELETE FROM same_edge e USING same_found f WHERE e.clinic_id = f.clinic_id AND e.listing = f.listing;
DELETE FROM same_edge e USING same_found f WHERE e.clinic_id = f.clinic_id AND e.lead = f.listing;
DELETE FROM same_edge e USING same_found f WHERE e.clinic_id = f.clinic_id AND e.listing = f.lead;
DELETE FROM same_edge e USING same_found f WHERE e.clinic_id = f.clinic_id AND e.lead = f.lead AND e.feed = f.feed
"""

# What is listed no longer, or is no longer shared with a clinic, goes on standing beside what was the same meeting: a
# referral to it leads there.
_CARRY = """
WITH standing AS (
    SELECT s.clinic_id, s.listing_id, s.lead_id FROM referrals_samemeeting s
    WHERE s.clinic_id = ANY(%(clinics)s) AND s.undone_at IS NULL AND s.found_by = 'rule'
), heirs AS (
    SELECT DISTINCT ON (s.clinic_id, s.lead_id) s.clinic_id, s.lead_id AS gone, coalesce(f.lead, s.listing_id) AS heir
    FROM standing s JOIN same_listing l ON l.id = s.listing_id AND (l.is_shared OR l.clinic_id = s.clinic_id)
    LEFT JOIN same_found f ON f.clinic_id = s.clinic_id AND f.listing = s.listing_id
    WHERE NOT EXISTS (
        SELECT FROM same_listing a WHERE a.id = s.lead_id AND (a.is_shared OR a.clinic_id = s.clinic_id)
    )
    ORDER BY s.clinic_id, s.lead_id, l.priority DESC, s.listing_id
), carried AS (
    SELECT clinic_id, gone AS listing, heir AS lead FROM heirs
    UNION ALL
    SELECT s.clinic_id, s.listing_id, coalesce(h.heir, f.lead, s.lead_id) FROM standing s
    LEFT JOIN heirs h ON h.clinic_id = s.clinic_id AND h.gone = s.lead_id
    LEFT JOIN same_found f ON f.clinic_id = s.clinic_id AND f.listing = s.lead_id
    WHERE NOT EXISTS (
        SELECT FROM same_listing a WHERE a.id = s.listing_id AND (a.is_shared OR a.clinic_id = s.clinic_id)
    )
)
INSERT INTO same_found
SELECT clinic_id, listing, NULL, lead FROM carried
WHERE NOT EXISTS (SELECT FROM same_joined j WHERE j.clinic_id = carried.clinic_id AND j.listing = carried.listing)
    AND NOT EXISTS (SELECT FROM same_joined j WHERE j.clinic_id = carried.clinic_id AND j.listing = carried.lead)
    AND NOT EXISTS (SELECT FROM same_pinned p WHERE p.clinic_id = carried.clinic_id AND p.lead = carried.listing)
    AND NOT EXISTS (SELECT FROM same_found f WHERE f.clinic_id = carried.clinic_id AND f.lead = carried.listing)
"""
_WITHDRAW = """
UPDATE referrals_samemeeting s SET undone_at = %(at)s
WHERE s.clinic_id = ANY(%(clinics)s) AND s.undone_at IS NULL AND s.found_by = 'rule' AND NOT EXISTS (
    SELECT FROM same_found f WHERE f.clinic_id = s.clinic_id AND f.listing = s.listing_id AND f.lead = s.lead_id
)
"""
_KEEP = """
INSERT INTO referrals_samemeeting (clinic_id, listing_id, lead_id, found_by, found_at, seen_hash, undone_because)
SELECT f.clinic_id, f.listing, f.lead, 'rule', %(at)s, '', '' FROM same_found f
WHERE NOT EXISTS (
    SELECT FROM referrals_samemeeting s
    WHERE s.clinic_id = f.clinic_id AND s.undone_at IS NULL AND s.listing_id = f.listing
)
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('referrals.matching', 0))"


def take_turns() -> None:
    """Wait, until the transaction ends, for whoever else changes which listings are one meeting."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)


def match(*, feed: MeetingFeed, at: datetime.datetime, was_shared: bool = False) -> None:
    """Find out again which listings are one meeting, for every clinic that sees this feed, or did until now."""
    everybody = feed.is_shared or was_shared
    match_for(clinics=Clinic.objects.values_list("pk", flat=True) if everybody else [feed.clinic_id], at=at)


def match_for(*, clinics: Iterable[int], at: datetime.datetime) -> None:
    """Find out again which listings are one meeting, for these clinics. One run at a time."""
    asked: dict[str, Any] = {"clinics": sorted(clinics), "at": at}
    with clinic_scope.every_clinic(), transaction.atomic(), connection.cursor() as cursor:
        take_turns()  # and with this SELECT, the clinic scope is set for what follows: CREATE and DROP would not
        if _has_anything_to_match(asked["clinics"]):
            cursor.execute(_PREPARE, asked)
            cursor.execute(f"{_MEET};{_PAIRS}{_THROUGH_A_THIRD}" % {})
            with _joining_by_hash(cursor):
                _settle(cursor, asked)
        for feed in _changed_by_hand().filter(clinic__in=asked["clinics"]):
            MeetingFeed.objects.filter(pk=feed.pk).update(matched_up_to=feed.last_change)


def match_changed_by_hand(at: datetime.datetime) -> int:
    """The same for each clinic that has added or changed a meeting of its own since. Returns how many clinics."""
    changed = _changed_by_hand().values_list("clinic", flat=True)
    for clinic in changed:
        match_for(clinics=[clinic], at=at)
    return len(changed)


def _changed_by_hand() -> Any:
    """Own lists with changes that haven't been compared with others, each with its `last_change`.

    Whoever writes one waits their turn (`take_turns`), so changes are numbered in the order in which they can be seen.
    """
    changes = OwnMeetingChange.objects.filter(meeting__feed=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    own = MeetingFeed.objects.filter(format=MeetingFeed.Format.OWN)
    return own.annotate(last_change=Subquery(changes)).filter(last_change__gt=F("matched_up_to"))


def _has_anything_to_match(clinics: list[int]) -> bool:
    """Whether two lists have meetings, or what was one meeting may be so no longer."""
    listed = Meeting.objects.filter(feed=OuterRef("pk"), retired_at=None)
    seen = MeetingFeed.objects.filter(Q(clinic__in=clinics) | Q(is_shared=True), Exists(listed), is_active=True)
    return seen[:2].count() == 2 or SameMeeting.objects.standing().filter(clinic__in=clinics).exists()


def _settle(cursor: Any, asked: dict[str, Any]) -> None:
    """Of what may be one meeting, keep what the rule and the people of each clinic leave of it."""
    for statement in (_HEIRS, _HAND_OVER, _HANDED, _BY_PEOPLE, _EDGES):
        cursor.execute(statement, asked)
    for _ in range(_ROUNDS):
        cursor.execute(_DECIDE)
        if not cursor.rowcount:
            break
        cursor.execute(_SETTLE)
    for statement in (_CARRY, _WITHDRAW, _KEEP):
        cursor.execute(statement, asked)


@contextmanager
def _joining_by_hash(cursor: Any) -> Iterator[None]:
    """Until autovacuum has looked, the database takes what was matched a minute ago for a handful of rows.

    It would compare each row with each: hours, for two lists of a hundred thousand.
    """
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")

"""How alike a record is to what is known of somebody: a score from 0 to 100 and a reason in words for each part of it.

The weights are this product's own. They order a list for a person to read; nothing is joined by them.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import jellyfish

from cases.models import Client
from cases.names import also_called, plain
from cases.phones import e164

if TYPE_CHECKING:
    from cases.finding import Known

WORDED_ALIKE = 0.35  # trigram similarity of pg_trgm, from which two wordings are worth a look as one thing
SPELT_ALIKE = 0.86  # Jaro-Winkler, from which a difference looks like a slip of the pen or the ear

# Each alone is worth a look (finding.LOWEST_SCORE): a caller may give nothing else. Neither says who it is.
SAME_PHONE = (35, "same phone number (others may use it too)")
SAME_LAST_FOUR = (30, "same last four digits of the SSN (others have them too)")


def swapped(day: datetime.date) -> list[datetime.date]:
    """The date with day and month exchanged, where there is such a date."""
    try:
        return [datetime.date(day.year, day.day, day.month)]
    except ValueError:
        return []


def compare(known: Known, client: Client) -> tuple[int, tuple[str, ...]]:
    """Score and reasons. The client's `ways_to_reach` are used where prefetched (finding.with_identifiers)."""
    parts = [
        *_names(known, client),
        *_birth_date(known.birth_date, client.birth_date),
        *_phone(known.phone, client),
        *_ssn(known.ssn_last4, client.ssn_last4),
    ]
    score = sum(points for points, _ in parts)
    return max(0, min(100, score)), tuple(reason for _, reason in parts)


def letters_shared(known: Known, client: Client) -> float:
    """How alike the surname is spelt to one of the client's names, 0 to 1: orders those with the same score."""
    asked = plain(known.family_name)
    names = (client.family_name, client.former_family_name, client.given_name, client.preferred_name)
    return max(jellyfish.jaro_winkler_similarity(asked, plain(name)) for name in names)


Part = tuple[int, str]


def _names(known: Known, client: Client) -> list[Part]:
    straight = [*_family(known.family_name, client), *_given(known.given_name, client)]
    if not (known.given_name and known.family_name):
        # one word may be either name
        return max(straight, _given(known.family_name, client), key=_total)
    exchanged = [*_family(known.given_name, client), *_given(known.family_name, client)]
    if _total(exchanged) > _total(straight):
        return [(_total(exchanged) - 4, "first and last name exchanged")]
    return straight


def _total(parts: list[Part]) -> int:
    return sum(points for points, _ in parts)


def _family(asked: str, client: Client) -> list[Part]:
    if not asked:
        return []
    best = _alike(asked, client.family_name, exact=30, sound=23, spelling=20, what="last name")
    former = _alike(asked, client.former_family_name, exact=27, sound=20, spelling=17, what="former last name")
    for half in client.family_name.replace("-", " ").split():
        if plain(half) != plain(client.family_name) and plain(half) == plain(asked):
            best = best or [(24, "part of a double last name")]
    return max(best, former, key=_total)


def _given(asked: str, client: Client) -> list[Part]:
    if not asked:
        return []
    best = _alike(asked, client.given_name, exact=20, sound=15, spelling=13, what="first name")
    called = _alike(asked, client.preferred_name, exact=20, sound=15, spelling=12, what="name they go by")
    best = max(best, called, key=_total)
    for held in (client.given_name, client.preferred_name):
        if not best and plain(held) in also_called(asked):
            return [(16, f"{asked.title()} and {held} may be the same name")]
    return best


def _alike(asked: str, held: str, *, exact: int, sound: int, spelling: int, what: str) -> list[Part]:
    if not held:
        return []
    asked, held = plain(asked), plain(held)
    if asked == held:
        return [(exact, f"same {what}")]
    if jellyfish.metaphone(asked) == jellyfish.metaphone(held):
        return [(sound, f"{what} sounds the same")]
    if jellyfish.jaro_winkler_similarity(asked, held) >= SPELT_ALIKE:
        return [(spelling, f"{what} spelt almost the same")]
    return []


def _birth_date(asked: datetime.date | None, held: datetime.date | None) -> list[Part]:
    if asked is None or held is None:
        return []
    if asked == held:
        return [(35, "same birth date")]
    if held in swapped(asked):
        return [(28, "birth date with day and month exchanged")]
    if jellyfish.hamming_distance(asked.isoformat(), held.isoformat()) == 1:
        return [(20, "birth date differs in one digit")]
    return [(-15, "another birth date")]


def _phone(asked: str, client: Client) -> list[Part]:
    if not asked:
        return []
    points = getattr(client, "ways_to_reach", None)
    held = client.contact_points.current() if points is None else points
    return [SAME_PHONE] if any(e164(point.normalized) == asked for point in held) else []


def _ssn(asked: str, held: str) -> list[Part]:
    if not asked or not held:
        return []
    return [SAME_LAST_FOUR] if asked == held else [(-25, "other last four digits")]

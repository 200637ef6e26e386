"""Score how well a record matches known facts, from 0 to 100, with the reasons.

The weights are this product's own. They order a list for a person to read; nothing is joined by them.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import jellyfish

from cases.models import Client
from staff.encrypted_fields import if_readable

from . import names
from .names import Likeness
from .nicknames import also_called
from .phones import e164

if TYPE_CHECKING:
    from .search_query import Identifiers

WORDED_ALIKE = 0.35  # trigram similarity of pg_trgm, from which two wordings are worth a look as one thing

# Each alone is worth a look (finding.LOWEST_SCORE): a caller may give nothing else. Neither says who it is.
SAME_PHONE = (35, "same phone number (may be shared)")
SAME_LAST_FOUR = (30, "same last 4 of SSN (not unique)")
SAME_YEAR = (12, "born in that year")
# reasons that a whole household can have
SHARED = (SAME_PHONE[1], SAME_LAST_FOUR[1], SAME_YEAR[1])


def swapped(day: datetime.date) -> list[datetime.date]:
    """The date with day and month swapped, if there is such a date."""
    try:
        return [datetime.date(day.year, day.day, day.month)]
    except ValueError:
        return []


def compare(known: Identifiers, client: Client) -> tuple[int, tuple[str, ...]]:
    """Score and reasons. The client's `ways_to_reach` are used where prefetched (finding.with_identifiers)."""
    parts = [
        *_names(known, client),
        *_birth(known, client),
        *_phone(known.phone, client),
        *(
            _ssn(known.ssn_last4, if_readable(client, "ssn_last4")) if known.ssn_last4 else ()
        ),  # decrypted only if it was asked for
    ]
    score = sum(points for points, _ in parts)
    return max(0, min(100, score)), tuple(reason for _, reason in parts)


def letters_shared(known: Identifiers, client: Client) -> float:
    """How similar the names' spelling is, 0 to 1; sorts equal scores."""
    held = (client.family_name, client.former_family_name, client.given_name, client.preferred_name)
    by_surname = max(names.letters_shared(known.family_name or known.given_name, name) for name in held)
    return by_surname + names.letters_shared(known.given_name, client.given_name) / 100


def says_who(reasons: tuple[str, ...]) -> bool:
    """Whether a name or the birth date matches: anything a household or many people share does not identify anyone.

    Households share a last name too: with a different birth date it identifies no more than the number.
    """
    telling = [reason for reason in reasons if reason not in SHARED and reason not in DIFFERS]
    if ANOTHER_BIRTH_DATE[1] in reasons:
        telling = [reason for reason in telling if "last name" not in reason or "first" in reason]
    return bool(telling)


Part = tuple[int, str]
ANOTHER_BIRTH_DATE = (-15, "different birth date")
OTHER_LAST_FOUR = (-25, "different last four digits")
DIFFERS = (ANOTHER_BIRTH_DATE[1], OTHER_LAST_FOUR[1])

# Points for each way in which a name can be similar to another one, and the reason shown.
_FAMILY = {
    Likeness.SAME: (30, "same {}"),
    Likeness.PART: (24, "part of a double {}"),
    Likeness.SOUNDS: (23, "{} sounds the same"),
    Likeness.SPELT: (20, "{} spelled almost the same"),
    Likeness.BEGINS: (14, "{} starts the same"),
}
_GIVEN = {
    Likeness.SAME: (20, "same {}"),
    Likeness.PART: (16, "part of the {}"),
    Likeness.SOUNDS: (15, "{} sounds the same"),
    Likeness.SPELT: (13, "{} spelled almost the same"),
    Likeness.BEGINS: (10, "{} starts the same"),
}
ALL_NAMES = (44, "all names, in a different order")
ONE_NAME = (40, "same name, only one on record")  # with a birth it is likely, alone it is only possible


def _names(known: Identifiers, client: Client) -> list[Part]:
    """The best reading of the typed name: as typed, swapped, or split elsewhere.

    A search box does not say where the last name begins, and half the world says it first.
    """
    said = [word for word in f"{known.given_name} {known.family_name}".split() if word][: names.MOST_WORDS]
    if not said:
        return []
    if not (known.given_name and known.family_name) and _is_only_name(" ".join(said), client):
        return [ONE_NAME]
    straight = [*_family(known.family_name, client), *_given(known.given_name, client)]
    if not (known.given_name and known.family_name):
        straight = max(straight, _given(known.family_name or known.given_name, client), key=_total)
    exchanged = [*_family(known.given_name, client), *_given(known.family_name, client)] if known.given_name else []
    best = straight
    if known.family_name and _total(exchanged) - 4 > _total(best):
        guessed = any(word in reason for _, reason in exchanged for word in ("sounds", "spelt", "may be"))
        best = [(_total(exchanged) - 4, "first and last name swapped" + ("; one sounds the same" if guessed else ""))]
    for cut in range(len(said) + 1):
        one, other = " ".join(said[:cut]), " ".join(said[cut:])
        if (one, other) == (known.given_name, known.family_name):
            continue  # as it was said, and exchanged: both are weighed above
        for given, family in ((one, other), (other, one)):
            divided = [*_family(family, client), *_given(given, client)]
            if _total(divided) - 1 > _total(best) and len(divided) == bool(given) + bool(family):
                best = [(points - (place == 0), reason) for place, (points, reason) in enumerate(divided)]
    if not best or (len(said) > 1 and _total(best) < ALL_NAMES[0]):
        best = max(best, _whole(" ".join(said), client), key=_total)
    return best


def _is_only_name(said: str, client: Client) -> bool:
    """Many people have only one name: it is then the whole name, whichever field it is in."""
    only = client.given_name or client.family_name
    return not (client.given_name and client.family_name) and names.same(said, only)


def _whole(said: str, client: Client) -> list[Part]:
    """All words taken together: scripts without spaces, and orders that no form has a field for."""
    held = f"{client.given_name} {client.preferred_name} {client.family_name} {client.former_family_name}"
    if names.joined(said) in _written_together(client):
        return [(50, "same first and last name")]
    asked = names.bearing(said)
    if len(asked) > 1 and set(asked) <= set(names.words(held)):
        return [ALL_NAMES]
    if names.begins(said, held) or any(
        whole.startswith(names.joined(said)) for whole in _written_together(client) if names.joined(said)
    ):
        return [(20 if len(names.words(said)) > 1 else 10, "names start the same")]
    return []


def _written_together(client: Client) -> set[str]:
    family = names.joined(client.family_name)
    givens = {names.joined(client.given_name), names.joined(client.preferred_name)} - {""}
    return {family + given for given in givens} | {given + family for given in givens} if family else givens


def _total(parts: list[Part]) -> int:
    return sum(points for points, _ in parts)


def _family(asked: str, client: Client) -> list[Part]:
    best = _alike(asked, client.family_name, _FAMILY, "last name")
    former = [
        (points - 3, reason) for points, reason in _alike(asked, client.former_family_name, _FAMILY, "former last name")
    ]
    return max(best, former, key=_total)


def _given(asked: str, client: Client) -> list[Part]:
    best = _alike(asked, client.given_name, _GIVEN, "first name")
    best = max(best, _alike(asked, client.preferred_name, _GIVEN, "name they go by"), key=_total)
    for held in (client.given_name, client.preferred_name):
        if _total(best) <= _GIVEN[Likeness.BEGINS][0] and held and names.plain(held) in also_called(asked):
            return [(16, f"{asked.title()} and {held} may be the same name")]
    return best


def _alike(asked: str, held: str, points: dict[Likeness, Part], what: str) -> list[Part]:
    likeness = names.alike(asked, held) if asked and held else Likeness.NONE
    if likeness == Likeness.NONE:
        return []
    score, reason = points[likeness]
    return [(score, reason.format(what))]


def _birth(known: Identifiers, client: Client) -> list[Part]:
    asked, held = known.birth_date, client.birth_date
    if asked is None or held is None:
        return _birth_year(known, client.year_of_birth)
    if asked == held:
        return [(35, "same birth date")]
    if held in swapped(asked):
        return [(28, "birth date with day and month swapped")]
    if jellyfish.hamming_distance(asked.isoformat(), held.isoformat()) == 1:
        return [(20, "birth date off by one digit")]
    return [ANOTHER_BIRTH_DATE]


def _birth_year(known: Identifiers, held: int | None) -> list[Part]:
    """Compare years if only the year of one birth is known. An age alone leaves two possible years."""
    asked = known.birth_date.year if known.birth_date else known.birth_year
    if asked is None or held is None:
        return []
    if asked == held:
        return [SAME_YEAR]
    return [] if known.year_is_guess or abs(asked - held) == 1 else [ANOTHER_BIRTH_DATE]


def _phone(asked: str, client: Client) -> list[Part]:
    if not asked:
        return []
    points = getattr(client, "ways_to_reach", None)
    held = client.contact_points.current() if points is None else points
    return [SAME_PHONE] if any(e164(point.normalized) == asked for point in held) else []


def _ssn(asked: str, held: str) -> list[Part]:
    if not held:
        return []
    return [SAME_LAST_FOUR] if asked == held else [OTHER_LAST_FOUR]

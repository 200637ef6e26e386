"""Client search: likely matches for a caller, and the search box.

cases.people.names compares names, and the database follows it. Every word typed may be the start of a name, in any
order; then names match by sound and by shared letters, with nicknames and former last names. Birth dates also match
with day and month swapped, or by year; phone numbers match in one normalized format.

Every path to a candidate uses an index (tests/cases/people/test_finding.py shows the plan). A match is only ever
suggested, with its reasons: two people with the same name and birth date are two people until someone asks for a second
identifier.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import combinations
from operator import and_, or_
from typing import Any, TypeVar

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Prefetch, Q, QuerySet, Value
from django.utils import timezone

from cases.models import Client, ContactPoint, TreatmentEpisode
from cases.models.people.client import ClientQuerySet, NamePlain, NameSound, Plain
from staff import records_read
from staff.models import StaffMember
from staff.reading import Reading, answer, attached, each, rows

from . import client_list, matching, names, phones, search_query
from .nicknames import also_called
from .search_query import Identifiers

People = TypeVar("People", bound=QuerySet[Any, Any])
Lookups = Callable[[], Sequence["Prefetch[str]"]]

HALF_ALIKE = 0.5  # pg_trgm.strict_word_similarity_threshold
CANDIDATES_PER_PATH = 100  # where a path finds more, the names most alike count
SHOWN = 12
LOWEST_SCORE = 30
LIKELY, VERY_LIKELY = 50, 75
SUGGESTED, FEWEST_LETTERS = 8, 2
MOST_FOUND = 50
_GUESSES = (
    "sounds",
    "spelt",
    "possible same name",
    "differs",
    "month swapped",
    "different birth date",
    "others ",
    "different last",
)
SHORTEST_FOR_TRIGRAM = 3  # two letters share their trigrams with everyone


@dataclass(frozen=True)
class Match:
    """Someone on record who may be the person, with a score from 0 to 100 and the reasons."""

    client: Client
    score: int
    reasons: tuple[str, ...] = ()
    namesakes: tuple[Client, ...] = field(default=())

    @property
    def likelihood(self) -> str:
        """The score in words."""
        return "Very likely" if self.score >= VERY_LIKELY else "Likely" if self.score >= LIKELY else "Possible"

    @property
    def by_number_only(self) -> bool:
        """Found only by a phone number or four digits: a household may share them, so it is suggested quietly."""
        return not matching.says_who(self.reasons)

    @property
    def is_sure(self) -> bool:
        """Whether all that was typed is on record so, or begins so: nothing was guessed by sound or by spelling."""
        return bool(self.reasons) and not any(guess in reason for reason in self.reasons for guess in _GUESSES)


def likely(
    *,
    staff_member: StaffMember,
    given_name: str = "",
    family_name: str = "",
    birth_date: datetime.date | None = None,
    birth_year: int | None = None,
    phone: str = "",
    ssn_last4: str = "",
) -> list[Match]:
    """People visible to the staff member who may be the one described, best first, each with its reasons."""
    known = Identifiers(
        given_name.strip(), family_name.strip(), birth_date, phones.e164(phone), ssn_last4.strip(), birth_year
    )
    if not known.has_enough:
        return []
    return answer(_likely(staff_member, known))


def _likely(staff_member: StaffMember, known: Identifiers) -> Reading[list[Match]]:
    scored = yield from _scored(staff_member, known)
    matches = [match for match in scored if match.score >= LOWEST_SCORE]
    return (yield from _complete(matches[:SHOWN], identifiers))


def search(*, staff_member: StaffMember, text: str) -> list[Match]:
    """Search by name (any spelling), birth date, phone number or client number."""
    return answer(_searched(staff_member, text, identifiers))


def search_with_care(*, staff_member: StaffMember, text: str) -> list[Match]:
    """The same, with where each is in care."""
    return answer(_searched(staff_member, text, _identifiers_and_care))


def _searched(staff_member: StaffMember, text: str, lookups: Lookups) -> Reading[list[Match]]:
    records_read.note_search(text)
    asked = search_query.read(text, today=timezone.localdate(timezone=staff_member.clinic.zone))
    numbered = yield from _numbered(staff_member, asked.number)
    if asked.is_number or not asked.known.has_enough:
        return (yield from _complete(numbered, lookups))
    found = yield from _scored(staff_member, asked.known)
    if not asked.may_be_number:
        # digits beside a name: a client number only if it is someone of that name
        numbered = [match for match in numbered if match.client in [each.client for each in found]]
    first = [match.client.pk for match in numbered]
    named = [match for match in found if match.client.pk not in first and match.reasons]
    return (yield from _complete([*numbered, *named][:MOST_FOUND], lookups))


def suggest(*, staff_member: StaffMember, text: str) -> list[Match]:
    """Suggestions while the user types: only people whose names start that way, or who have that number.

    No guessing by sound or spelling until the search is submitted. Suggestions start at two letters, or one in a script
    that writes a name with one character.
    """
    text = text.strip()
    if len(text) < FEWEST_LETTERS and not names.is_unspaced(text):
        return []
    records_read.note_search(text)
    return answer(_suggested(staff_member, text))


def _suggested(staff_member: StaffMember, text: str) -> Reading[list[Match]]:
    asked = search_query.read(text, today=timezone.localdate(timezone=staff_member.clinic.zone))
    found: list[Match] = []
    if asked.is_number:
        found = yield from _numbered(staff_member, asked.number)
    elif asked.known.has_enough:
        scored = yield from _scored(staff_member, asked.known, only_begun=True)
        found = [match for match in scored if match.is_sure]
    return (yield from _complete(found, identifiers))[:SUGGESTED]


def namesakes(client: Client, *, staff_member: StaffMember) -> list[Client]:
    """Other people with the same name whom the birth does not distinguish.

    That means the same date, the same year if one is known only to the year, or neither known. Opening one of them asks
    which one is meant.
    """
    of_the_name = _begun(names.words(client.full_name))  # a year has thousands, a day a few
    born = of_the_name & Q(birth_date=None, birth_year=client.year_of_birth)
    if client.birth_date is not None:
        born |= Q(birth_date=client.birth_date)
    elif client.birth_year is not None:
        born |= of_the_name & Q(birth_date__year=client.birth_year)
    people = Client.objects.visible_to(staff_member).current().exclude(pk=client.pk).filter(born)
    return [other for other in with_identifiers(people) if _are_namesakes(client, other)]


def _are_namesakes(one: Client, other: Client) -> bool:
    return one.born_like(other) and _whole_name(one) == _whole_name(other)


def _whole_name(client: Client) -> tuple[str, str]:
    return names.joined(client.given_name), names.joined(client.family_name)


def with_identifiers(clients: ClientQuerySet) -> ClientQuerySet:
    """Adds the identifiers that distinguish namesakes, in a constant number of queries."""
    return clients.prefetch_related(*identifiers())


def identifiers() -> tuple[Prefetch[str], ...]:
    """What distinguishes namesakes, for prefetch_related."""
    latest_first = TreatmentEpisode.objects.select_related("program").order_by("-admitted_on", "-pk")
    return *_ways_to_reach(), Prefetch("episodes", latest_first, to_attr="episodes_latest_first")


def _identifiers_and_care() -> tuple[Prefetch[str], ...]:
    return *_ways_to_reach(), client_list.stays()


def _ways_to_reach() -> tuple[Prefetch[str], ...]:
    return (Prefetch("contact_points", ContactPoint.objects.current(), to_attr="ways_to_reach"),)


def _numbered(staff_member: StaffMember, number: int | None) -> Reading[list[Match]]:
    if number is None:
        return []
    found = yield from rows(_people(staff_member).filter(pk=number))
    return [Match(client, 100, ("client number",)) for client in found]


def _people(staff_member: StaffMember) -> ClientQuerySet:
    return Client.objects.visible_to(staff_member).defer(*client_list.COMPUTED)


def candidates(
    staff_member: StaffMember, known: Identifiers, *, only_begun: bool = False
) -> list[QuerySet[Client, int]]:
    """One short query of ids for each way to find someone. Each uses its own index."""
    far = [] if only_begun else _spelt_so(staff_member, known, near=False)
    return [*map(_numbers, _paths(staff_member, known, only_begun=only_begun)), *map(_numbers, far)]


def _numbers(people: ClientQuerySet) -> QuerySet[Client, int]:
    return people.values_list("pk", flat=True)[:CANDIDATES_PER_PATH]


def _found(staff_member: StaffMember, known: Identifiers, *, only_begun: bool) -> Reading[set[int]]:
    """The ids that `candidates` finds.

    Of one name, the index cannot tell a few letters in common from many: it hands over a tenth of a clinic to be
    compared. So names at least half alike are looked for first. Only if these are fewer than count, so are the others.
    """
    paths = [*map(_numbers, _paths(staff_member, known, only_begun=only_begun))]
    near = [] if only_begun else [*map(_numbers, _spelt_so(staff_member, known, near=True))]
    found = yield from each(rows(path) for path in (*paths, *near))
    if near and len(found[-1]) < CANDIDATES_PER_PATH:
        found += yield from each(rows(_numbers(path)) for path in _spelt_so(staff_member, known, near=False))
    return {pk for own in found for pk in own}


def _paths(staff_member: StaffMember, known: Identifiers, *, only_begun: bool) -> Iterator[ClientQuerySet]:
    people = Client.objects.visible_to(staff_member).current().order_by()
    if known.birth_date:
        yield people.filter(birth_date__in={known.birth_date, *matching.swapped(known.birth_date)})
    if known.phone:
        reached = ContactPoint.objects.filter(normalized=known.phone).values("client")
        yield people.filter(pk__in=reached)
    if known.ssn_last4:
        yield people.filter(ssn_last4=known.ssn_last4)
    if known.family_name or known.given_name:
        yield from _paths_by_name(people, known, only_begun=only_begun)


def _paths_by_name(people: ClientQuerySet, known: Identifiers, *, only_begun: bool) -> Iterator[ClientQuerySet]:
    """Every word a beginning of one on record; every word sounding like one; two of several sounding so; spelled so."""
    said = f"{known.given_name} {known.family_name}".strip()
    closeness = TrigramSimilarity("name_words", Plain(Value(said)))  # type: ignore[arg-type]  # takes expressions, too
    closest = people.order_by(closeness.desc(), "pk")
    if names.readings(said):
        yield closest.filter(begins_so(said))
    if only_begun:
        return
    sounds = [_sounding(word) for word in names.bearing(said)[: names.MOST_WORDS] if _is_sounded(word)]
    if sounds:
        yield closest.filter(reduce(and_, sounds))
    if len(sounds) > 2:
        yield closest.filter(reduce(or_, (one & other for one, other in combinations(sounds[:5], 2))))
    given, family = known.given_name, known.family_name
    if given and min(len(given), len(family)) >= SHORTEST_FOR_TRIGRAM:
        for column in ("family_plain", "former_plain"):
            spelt_so = Q(**{f"{column}__trigram_similar": NamePlain(Value(family))})
            for first_name in _first_names(given):
                yield _closest(people, column, family).filter(first_name, spelt_so)


def _spelt_so(staff_member: StaffMember, known: Identifiers, *, near: bool) -> list[ClientQuerySet]:
    """By the spelling of the last name, where that is all there is to go by.

    Each part of a name that is half like what was said is found by the stricter operator; so is every whole name.
    """
    said = f"{known.given_name} {known.family_name}".strip()
    if min(len(known.given_name), len(known.family_name)) >= SHORTEST_FOR_TRIGRAM or len(said) < SHORTEST_FOR_TRIGRAM:
        return []
    name: Any = NamePlain(Value(said))
    closest = _closest(Client.objects.visible_to(staff_member).current(), "family_plain", said)
    if not near:
        return [closest.filter(family_plain__trigram_similar=name)]
    half = closest.annotate(likeness=TrigramSimilarity("family_plain", name)).filter(likeness__gte=HALF_ALIKE)
    return [half.filter(family_plain__trigram_strict_word_similar=name)]


def begins_so(said: str) -> Q:
    """Clients with a name starting with each typed word, in one of its readings (names.readings).

    If the text has no word: all clients.
    """
    return reduce(or_, map(_begun, names.readings(said)), Q())


def _begun(reading: tuple[str, ...]) -> Q:
    """Each word is the beginning of a word on record; a space before it keeps to beginnings, and to the index."""
    return reduce(and_, (Q(name_words__contains=f" {word}") for word in reading), Q())


def _is_sounded(word: str) -> bool:
    return len(word) > 1 and word.isascii() and word.isalpha()


def _sounding(word: str) -> Q:
    """A name on record sounds like the word, or like a name it may be short for."""
    sounds: list[Any] = [NameSound(Value(name)) for name in (word, *sorted(also_called(word)))]
    return Q(name_sounds__overlap=sounds)


def _first_names(given: str) -> Iterator[Q]:
    """By first name when the last name is misspelled too: similar spelling, or a nickname."""
    yield Q(given_plain__trigram_similar=NamePlain(Value(given)))
    yield Q(called_plain__trigram_similar=NamePlain(Value(given)))
    if others := sorted(also_called(given)):
        # one by one: each is looked up in the index separately, with the last name
        yield reduce(or_, (Q(given_plain=name) for name in others))


def _closest(people: People, column: str, name: str) -> People:
    """Names that share the most letters first, so a cut removes the least similar."""
    alike: Any = NamePlain(Value(name))
    return people.order_by(TrigramSimilarity(column, alike).desc(), "pk")


def _scored(staff_member: StaffMember, known: Identifiers, *, only_begun: bool = False) -> Reading[list[Match]]:
    found = yield from _found(staff_member, known, only_begun=only_begun)
    if not found:
        return []
    people = yield from rows(_people(staff_member).filter(pk__in=found))
    if known.phone:
        yield from attached(people, _ways_to_reach)
    matches = [Match(client, *matching.compare(known, client)) for client in people]
    return sorted(
        matches, key=lambda match: (-match.score, -matching.letters_shared(known, match.client), match.client.pk)
    )


def _complete(matches: list[Match], lookups: Lookups) -> Reading[list[Match]]:
    """With what tells people apart, and those marked whose name and birth date are the same."""
    yield from attached([match.client for match in matches], lookups)
    return [
        Match(
            match.client,
            match.score,
            match.reasons,
            tuple(
                other.client
                for other in matches
                if other.client.pk != match.client.pk and _are_namesakes(match.client, other.client)
            ),
        )
        for match in matches
    ]

"""Finding people again: who a caller may be, and what a search box was asked.

Names are matched by sound and by shared letters, with nicknames and former surnames; birth dates also with day and
month swapped; phones in one way of writing. Every path to a candidate stays on an index (tests/cases/test_finding.py
shows the plan). A match is only ever offered, with its reasons: two people with the same name and birth date are two
people until somebody has asked for a second identifier.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Prefetch, Q, QuerySet, Value
from django.utils import timezone

from cases import asking, phones, similarity
from cases.asking import Known
from cases.models import Client, ContactPoint, TreatmentEpisode
from cases.models.client import ClientQuerySet, NamePlain, NameSound
from cases.names import also_called
from staff.models import StaffMember

People = TypeVar("People", bound=QuerySet[Any, Any])

CANDIDATES_PER_PATH = 100  # where a path finds more, the names most alike count
SHOWN = 12
LOWEST_SCORE = 30
SHORTEST_FOR_TRIGRAM = 3  # two letters share their trigrams with everybody


@dataclass(frozen=True)
class Match:
    """Somebody whom the clinic knows and who may be the person, from 0 to 100, and why."""

    client: Client
    score: int
    reasons: tuple[str, ...] = ()
    namesakes: tuple[Client, ...] = field(default=())

    @property
    def likelihood(self) -> str:
        """The score in words."""
        return "Very likely" if self.score >= 75 else "Likely" if self.score >= 50 else "Possible"


def likely(
    *,
    staff_member: StaffMember,
    given_name: str = "",
    family_name: str = "",
    birth_date: datetime.date | None = None,
    phone: str = "",
    ssn_last4: str = "",
) -> list[Match]:
    """People visible to the staff member who may be the one described, best first, each with its reasons."""
    known = Known(given_name.strip(), family_name.strip(), birth_date, phones.e164(phone), ssn_last4.strip())
    if not known.has_enough:
        return []
    matches = [match for match in _scored(staff_member, known) if match.score >= LOWEST_SCORE]
    return _with_namesakes(matches[:SHOWN])


def search(*, staff_member: StaffMember, text: str) -> list[Match]:
    """What a search box was asked: a name however spelt, a birth date, a phone number, a client number, or several."""
    asked = asking.read(text, today=timezone.localdate(timezone=staff_member.clinic.zone))
    numbered = _numbered(staff_member, asked.number)
    if asked.is_number or not asked.known.has_enough:
        return numbered
    found = _scored(staff_member, asked.known)
    if not asked.may_be_number:
        # digits beside a name: a client number only if it is somebody of that name
        numbered = [match for match in numbered if match.client in [each.client for each in found]]
    first = [match.client.pk for match in numbered]
    return _with_namesakes([*numbered, *(match for match in found if match.client.pk not in first)][:50])


def namesakes(client: Client, *, staff_member: StaffMember) -> list[Client]:
    """Other people of the same name and birth date: opening one of them asks which one is meant."""
    if client.birth_date is None:
        return []
    same = with_identifiers(Client.objects.visible_to(staff_member).current())
    return list(
        same.filter(
            birth_date=client.birth_date,
            given_name__iexact=client.given_name,
            family_name__iexact=client.family_name,
        ).exclude(pk=client.pk)
    )


def with_identifiers(clients: ClientQuerySet) -> ClientQuerySet:
    """The clients with what tells namesakes apart, in a constant number of queries."""
    return clients.prefetch_related(
        Prefetch("contact_points", ContactPoint.objects.current(), to_attr="ways_to_reach"),
        Prefetch(
            "episodes",
            TreatmentEpisode.objects.select_related("program").order_by("-admitted_on", "-pk"),
            to_attr="episodes_latest_first",
        ),
    )


def _numbered(staff_member: StaffMember, number: int | None) -> list[Match]:
    if number is None:
        return []
    found = with_identifiers(Client.objects.visible_to(staff_member)).filter(pk=number)
    return [Match(client, 100, ("client number",)) for client in found]


def candidates(staff_member: StaffMember, known: Known) -> list[QuerySet[Client, int]]:
    """One short query of ids for each way in which somebody may be found. Each stays on an index of its own."""
    return [paths.values_list("pk", flat=True)[:CANDIDATES_PER_PATH] for paths in _paths(staff_member, known)]


def _paths(staff_member: StaffMember, known: Known) -> Iterator[ClientQuerySet]:
    people = Client.objects.visible_to(staff_member).current().order_by()
    if known.birth_date:
        yield people.filter(birth_date__in={known.birth_date, *similarity.swapped(known.birth_date)})
    if known.phone:
        reached = ContactPoint.objects.filter(normalized=known.phone).values("client")
        yield people.filter(pk__in=reached)
    if known.ssn_last4:
        yield people.filter(ssn_last4=known.ssn_last4)
    if known.family_name:
        yield from _paths_by_name(people, known)


def _paths_by_name(people: ClientQuerySet, known: Known) -> Iterator[ClientQuerySet]:
    given, family = known.given_name, known.family_name
    named = people.annotate(
        family_sound=NameSound("family_name"),
        former_sound=NameSound("former_family_name"),
        given_sound=NameSound("given_name"),
        called_sound=NameSound("preferred_name"),
        family_plain=NamePlain("family_name"),
        former_plain=NamePlain("former_family_name"),
        given_plain=NamePlain("given_name"),
        called_plain=NamePlain("preferred_name"),
    )
    by_family, by_former = (_closest(named, column, family) for column in ("family_plain", "former_plain"))
    family_sounds_so = Q(family_sound=NameSound(Value(family)))
    former_sounds_so = Q(former_sound=NameSound(Value(family))) & ~Q(former_family_name="")
    if not given:
        yield by_family.filter(family_sounds_so)
        yield by_former.filter(former_sounds_so)
        yield from _paths_by_one_word(named, family)
        return
    sounds: list[Any] = [NameSound(Value(name)) for name in (given, *sorted(also_called(given)))]
    for surname, people_so in ((family_sounds_so, by_family), (former_sounds_so, by_former)):
        yield people_so.filter(surname, given_sound__in=sounds)
        yield people_so.filter(surname & ~Q(preferred_name=""), called_sound__in=sounds)
    # “Lopez Maria”, as some people and most forms say it
    exchanged = _closest(named, "family_plain", given).filter(family_sound=NameSound(Value(given)))
    yield exchanged.filter(given_sound=NameSound(Value(family)))
    yield exchanged.filter(~Q(preferred_name=""), called_sound=NameSound(Value(family)))
    if min(len(given), len(family)) >= SHORTEST_FOR_TRIGRAM:
        for first_name in _first_names(given):
            yield by_family.filter(first_name, family_plain__trigram_similar=NamePlain(Value(family)))
            yield by_former.filter(first_name, former_plain__trigram_similar=NamePlain(Value(family)))


def _paths_by_one_word(named: ClientQuerySet, word: str) -> Iterator[ClientQuerySet]:
    beginning = NamePlain(Value(word))
    yield _closest(named, "family_plain", word).filter(Q(family_plain__startswith=beginning))
    yield _closest(named, "given_plain", word).filter(Q(given_plain__startswith=beginning))
    yield _closest(named, "called_plain", word).filter(~Q(preferred_name="") & Q(called_plain__startswith=beginning))
    if len(word) >= SHORTEST_FOR_TRIGRAM:
        yield _closest(named, "family_plain", word).filter(Q(family_plain__trigram_similar=beginning))


def _first_names(given: str) -> Iterator[Q]:
    """The first name where the surname is misspelt too: spelt alike, or one of those that stand for the same name."""
    yield Q(given_plain__trigram_similar=NamePlain(Value(given)))
    yield Q(called_plain__trigram_similar=NamePlain(Value(given)))
    if others := sorted(also_called(given)):
        # one by one: each is looked up in the index by itself, together with the surname
        yield reduce(or_, (Q(given_plain=name.upper()) for name in others))


def _closest(people: People, column: str, name: str) -> People:
    """Those whose name shares most letters first: where a path finds too many, the cut is at the least alike."""
    alike: Any = NamePlain(Value(name))
    return people.order_by(TrigramSimilarity(column, alike).desc(), "pk")


def _scored(staff_member: StaffMember, known: Known) -> list[Match]:
    paths = candidates(staff_member, known)
    ids = paths[0].union(*paths[1:]) if len(paths) > 1 else paths[0]
    people = with_identifiers(Client.objects.visible_to(staff_member).filter(pk__in=list(ids)))
    matches = [Match(client, *similarity.compare(known, client)) for client in people]
    return sorted(
        matches, key=lambda match: (-match.score, -similarity.letters_shared(known, match.client), match.client.pk)
    )


def _with_namesakes(matches: list[Match]) -> list[Match]:
    """Mark those whom name and birth date do not tell apart."""

    def who(client: Client) -> tuple[str, str, datetime.date | None]:
        return client.given_name.lower(), client.family_name.lower(), client.birth_date

    return [
        Match(
            match.client,
            match.score,
            match.reasons,
            tuple(
                other.client
                for other in matches
                if other.client.pk != match.client.pk
                and match.client.birth_date
                and who(other.client) == who(match.client)
            ),
        )
        for match in matches
    ]

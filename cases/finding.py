"""Finding people again: who a caller may be, and what a search box was asked.

Names are matched by sound and by shared letters, with nicknames and former surnames; birth dates also with day and
month swapped; phones in one way of writing. Every path to a candidate stays on an index (tests/cases/test_finding.py
shows the plan). A match is only ever offered, with its reasons: two people with the same name and birth date are two
people until somebody has asked for a second identifier.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Prefetch, Q, QuerySet, Value
from django.db.models.functions import Upper
from django.utils import timezone

from cases import phones, similarity
from cases.models import Client, ContactPoint, TreatmentEpisode
from cases.models.client import ClientQuerySet, NameSound
from cases.names import also_called
from staff.models import StaffMember

People = TypeVar("People", bound=QuerySet[Any, Any])

CANDIDATES_PER_PATH = 100  # where a path finds more, the names most alike count
SHOWN = 12
LOWEST_SCORE = 30
SHORTEST_FOR_TRIGRAM = 3  # two letters share their trigrams with everybody


@dataclass(frozen=True)
class Known:
    """What is known of the person looked for; anything may be missing."""

    given_name: str = ""
    family_name: str = ""
    birth_date: datetime.date | None = None
    phone: str = ""  # E.164
    ssn_last4: str = ""

    @property
    def has_enough(self) -> bool:
        """Whether a search can say anything: a surname, or a fact that few people share."""
        return bool(self.family_name or self.birth_date or self.phone or self.ssn_last4)


@dataclass(frozen=True)
class Match:
    """Somebody whom the clinic knows and who may be the person, from 0 to 100, and why."""

    client: Client
    score: int
    reasons: tuple[str, ...] = ()
    namesakes: tuple[Client, ...] = field(default=())

    @property
    def is_telling(self) -> bool:
        """What few people share agrees: enough to be shown, also where nothing else is known yet."""
        return "same phone" in self.reasons or ("same last four digits" in self.reasons and self.score >= 25)

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
    matches = [match for match in _scored(staff_member, known) if match.score >= LOWEST_SCORE or match.is_telling]
    return _with_namesakes(matches[:SHOWN])


def search(*, staff_member: StaffMember, text: str) -> list[Match]:
    """What a search box was asked: a name however spelt, a birth date, a phone number, a client number, or several."""
    asked = read(text)
    numbered: list[Match] = []
    if asked.number is not None:
        found = with_identifiers(Client.objects.visible_to(staff_member)).filter(pk=asked.number)
        numbered = [Match(client, 100, ("client number",)) for client in found]
    if not asked.known.has_enough:
        return numbered
    others = [match for match in _scored(staff_member, asked.known)[:50] if match.client.pk != asked.number]
    return [*numbered, *_with_namesakes(others)]


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


@dataclass(frozen=True)
class Asked:
    """What somebody typed into a search box, taken apart."""

    known: Known
    number: int | None = None


_DATE_FORMATS = (
    "%m/%d/%Y", "%Y-%m-%d", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y", "%m-%d-%y", "%m.%d.%y",
    "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y",
)  # fmt: skip
_DATE = re.compile(
    r"\b(\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}-\d{1,2}-\d{1,2}"
    r"|\d{1,2} [a-z]{3,9} \d{4}|[a-z]{3,9} \d{1,2},? \d{4})\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:#|\bno\.?\s*)(\d{1,9})\b", re.IGNORECASE)
_PHONE = re.compile(r"\+?\(?\d[\d\s().-]{5,}\d")


def read(text: str) -> Asked:
    """Take a search text apart into names, a birth date, a phone number, a client number, and last four digits.

    A number is the client's where it stands alone or behind “#” or “No.”; four digits beside a name are the last four
    of the SSN, and alone they may be either.
    """
    birth_date, phone, number, last4 = None, "", None, ""
    if (found := _DATE.search(text)) and (birth_date := _date(found.group())):
        text = text.replace(found.group(), " ")
    if found := _PHONE.search(text):
        phone = phones.e164(found.group())
        text = text.replace(found.group(), " ")
    if found := _NUMBER.search(text):
        number = int(found.group(1))
        text = text.replace(found.group(), " ")
    elif found := re.search(r"\b\d{1,9}\b", text):
        if text.strip() == found.group():
            number = int(found.group())
        last4 = found.group() if len(found.group()) == 4 else ""
    given, family = _names(re.sub(r"\d+", " ", text))
    return Asked(Known(given, family, birth_date, phone, last4), number)


def _date(text: str) -> datetime.date | None:
    """A birth date; of two digits for the year the last hundred years are meant."""
    for pattern in _DATE_FORMATS:
        try:
            day = datetime.datetime.strptime(text.replace(",", ""), pattern).date()  # noqa: DTZ007  no zone: a calendar day
        except ValueError:
            continue
        return day.replace(year=day.year - 100) if day > timezone.localdate() and "%y" in pattern else day
    return None


def _names(text: str) -> tuple[str, str]:
    """Given and family name: “Lopez, Maria”, “Maria Lopez”, or one word that may be either."""
    if "," in text:
        family, _, given = text.partition(",")
        return given.strip(), family.strip()
    words = text.split()
    return (" ".join(words[:-1]), words[-1]) if words else ("", "")


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
        family_upper=Upper("family_name"),
        former_upper=Upper("former_family_name"),
        given_upper=Upper("given_name"),
    )
    by_family, by_former = (_closest(named, column, family) for column in ("family_upper", "former_upper"))
    family_sounds_so = Q(family_sound=NameSound(Value(family)))
    former_sounds_so = Q(former_sound=NameSound(Value(family))) & ~Q(former_family_name="")
    if given:
        instead = sorted(also_called(given))
        goes_by = Q(preferred_name__iexact=given)
        called = Q(given_sound__in=[NameSound(Value(name)) for name in (given, *instead)]) | goes_by
        yield by_family.filter(family_sounds_so & called)
        yield by_former.filter(former_sounds_so & called)
        # “Lopez Maria”, as some people and most forms say it
        exchanged = named.filter(family_sound=NameSound(Value(given)), given_sound=NameSound(Value(family)))
        yield _closest(exchanged, "family_upper", given)
        if min(len(given), len(family)) >= SHORTEST_FOR_TRIGRAM:
            alike = Q(given_upper__trigram_similar=given.upper()) | goes_by
            if instead:
                alike |= Q(given_upper__in=[name.upper() for name in instead])
            yield by_family.filter(alike, family_upper__trigram_similar=family.upper())
            yield by_former.filter(alike, former_upper__trigram_similar=family.upper())
    else:
        yield by_family.filter(family_sounds_so)
        yield by_former.filter(former_sounds_so)
        yield by_family.filter(family_upper__startswith=family.upper())
        yield _closest(named, "given_upper", family).filter(given_upper__startswith=family.upper())
        if len(family) >= SHORTEST_FOR_TRIGRAM:
            yield by_family.filter(family_upper__trigram_similar=family.upper())


def _closest(people: People, column: str, name: str) -> People:
    """Those whose name shares most letters first: where a path finds too many, the cut is at the least alike."""
    return people.order_by(TrigramSimilarity(column, name.upper()).desc(), "pk")


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

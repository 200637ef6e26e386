"""Keeps members' names out of what is written about a group, and out of what is written about somebody else.

A note about a group must not identify a patient (42 CFR 2.12(a)(1)); a member's note must not identify another one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from cases.models import Client
from staff.refusals import Refusal

# Two capitals that stand for something else far more often than for a member.
ABBREVIATIONS = frozenset(
    re.findall(
        r"\w+",
        """AA AM BP CA CE DA DV ED ER GA GI GP HI HR IC ID IM IP IQ IT IV MA MD NA NP OA OK OP OT PA PM PT RN RX SA SI
        SU TB TV UA UK US""",
    )
)
# Names that are words too: only taken for a name when written with a capital.
WORDS = frozenset(
    re.findall(
        r"\w+",
        """april art august banks best bill black bond brown bush cash chase cherry coach cook cross dawn day faith
        field fields fox frank glad good grace grant gray green guy hall hill hope hunter ivy joy june king lane law
        lily little long love mark marks may miles moody moon north olive page parks patience peace pearl penny person
        piper powers price prince reed rich rivers rock rose ruby rush sage sample sandy savage sharp short sky small
        smart snow star stone storm strong summer summers temple test walker waters wells west white will winter winters
        wise wolf wood woods young""",
    )
)


class NamesSomebody(Refusal):
    """A member can be recognised in the text."""


def check(text: str, members: Iterable[Client], *, whose: str = "members") -> None:
    """Refuse text that holds a name or initials of one of these people, whether or not they let others name them."""
    found = names_in(text, members)
    if found:
        listed = ", ".join(f"“{word}”" for word in found)
        raise NamesSomebody(
            f"Leave out names and initials of {whose}: {listed}. Write “a member” instead. "
            "Where it is an ordinary word, choose another one."
        )


def names_in(text: str, members: Iterable[Client]) -> list[str]:
    """The words of a text that can be read as a name or the initials of one of these people, each once, in order."""
    plain = _plain(text)
    hits: dict[int, str] = {}
    for member in members:
        for name in _names(member):
            for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", plain, re.IGNORECASE):
                if name.casefold() in WORDS and match.group().islower():
                    continue
                hits[match.start()] = match.group()
        for initials in _initials(member):
            first, last = initials
            if first + last in ABBREVIATIONS:
                continue
            for match in re.finditer(rf"(?<![\w.])(?:{first}\.\s?{last}\.?|{first}{last})(?![\w])", plain):
                hits.setdefault(match.start(), match.group().strip())
    return list(dict.fromkeys(hits[start] for start in sorted(hits)))


def _names(member: Client) -> set[str]:
    found: set[str] = set()
    for name in (member.given_name, member.preferred_name, member.family_name, member.former_family_name):
        whole = _plain(name).strip()
        if len(whole) >= 2:
            found.add(whole)
        found |= {part for part in re.split(r"[\s\-]+", whole) if len(part) >= 3}
    return found


def _initials(member: Client) -> set[tuple[str, str]]:
    firsts = {_plain(name)[:1].upper() for name in (member.given_name, member.preferred_name) if name}
    lasts = {_plain(name)[:1].upper() for name in (member.family_name, member.former_family_name) if name}
    return {(first, last) for first in firsts for last in lasts if first.isalpha() and last.isalpha()}


def _plain(text: str) -> str:
    """Without accents, so that “Jose” finds “José”."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))

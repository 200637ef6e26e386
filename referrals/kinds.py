"""What a meeting is like, in words that all fellowships share, and the code by which each of them says it.

For what is written by hand: a clinic ticks “For newcomers”, and its meeting has NA's code or AA's, so that whoever asks
the finder for newcomers finds it beside the listed ones. What a list says beyond these words is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .fellowships import LOCATION_CLOSED, MEDICATION_FRIENDLY, ONLINE, Fellowship, codes, meaning

OPEN, CLOSED = "O", "C"


@dataclass(frozen=True)
class Kind:
    """A box to tick. `said_as`: its codes in the vocabulary; a fellowship has the first of them that it knows."""

    key: str
    label: str
    said_as: tuple[str, ...]

    def code(self, fellowship: str) -> str:
        """The code at this fellowship; that of the Meeting Guide, where it has none of its own."""
        known = (codes(fellowship), codes(Fellowship.AA))
        return next((each for those in known for each in self.said_as if each in those), self.said_as[0])


# In the order of the form. Keys that `fellowships.NEEDS` has, too, are found by this need.
GROUPS: dict[str, tuple[str, tuple[Kind, ...]]] = {
    "people": (
        "Who it is for",
        (
            Kind("newcomers", "Newcomers", ("BE", "BEG")),
            Kind("women", "Women", ("W",)),
            Kind("men", "Men", ("M",)),
            Kind("young", "Young people", ("YA", "Y")),  # Al-Anon's Y is Alateen
            Kind("seniors", "Seniors", ("SEN",)),
            Kind("lgbtq", "LGBTQ", ("LGBTQ", "LGBTQIA", "GL")),
            Kind("color", "People of color", ("POC",)),
            Kind("native", "Native American", ("N",)),
        ),
    ),
    "language": (
        "Language",
        (
            Kind("spanish", "Spanish", ("S",)),
            Kind("sign", "American Sign Language", ("ASL",)),
            Kind("french", "French", ("FR",)),
            Kind("portuguese", "Portuguese", ("POR",)),
            Kind("russian", "Russian", ("RUS",)),
            Kind("arabic", "Arabic", ("AR",)),
        ),
    ),
    "access": (
        "Welcome and access",
        (
            Kind("medication", "Medication-friendly", (MEDICATION_FRIENDLY,)),
            Kind("wheelchair", "Wheelchair access", ("X",)),
            Kind("children", "Children welcome", ("CF", "CW")),
            Kind("care", "Child care", ("BA",)),
            Kind("proof", "Proof of attendance", ("POA",)),
        ),
    ),
    "course": (
        "What happens",
        (
            Kind("discussion", "Discussion", ("D", "DISC")),
            Kind("speaker", "Speaker", ("SP", "SPK")),
            Kind("steps", "Step study", ("ST", "STEP")),
            Kind("literature", "Literature", ("LIT", "BOOK")),
            Kind("meditation", "Meditation", ("MED", "MI")),
            Kind("secular", "Secular", ("A",)),
        ),
    ),
}
_ALL = tuple(kind for _, kinds in GROUPS.values() for kind in kinds)
_BY_KEY = {kind.key: kind for kind in _ALL}
DERIVED = frozenset({ONLINE, LOCATION_CLOSED})  # said by how one attends
_BOXES = frozenset({OPEN, CLOSED, *(code for kind in _ALL for code in kind.said_as)})


def ticked(types: Iterable[str], group: str) -> list[str]:
    """The keys of the boxes of a group that these codes stand for."""
    said = set(types)
    return [kind.key for kind in GROUPS[group][1] if not said.isdisjoint(kind.said_as)]


def door(types: Iterable[str]) -> str:
    """Open, closed, or nothing where that isn't said."""
    said = set(types)
    return CLOSED if CLOSED in said else OPEN if OPEN in said else ""


def beyond(types: Iterable[str], fellowship: str) -> list[tuple[str, str]]:
    """What a list says that has no box of its own: codes with what they mean there."""
    return [(code, meaning(fellowship, code)) for code in types if code not in _BOXES | DERIVED]


def written(*, keys: Iterable[str], door: str, kept: Iterable[str], fellowship: str) -> list[str]:
    """The codes for what was ticked, at a fellowship: boxes, whether it is open, and what a list said beyond them."""
    said = {_BY_KEY[key].code(fellowship) for key in keys} | set(kept)
    return sorted(said | {door} if door else said)


def are_known(types: Iterable[str], fellowship: str) -> bool:
    """Whether all of these are codes of the fellowship or of the boxes."""
    return _BOXES.union(codes(fellowship)).issuperset(types)

"""One trigger, warning sign or strategy: its returns to use, results, ratings and current status."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.postgres.search import TrigramSimilarity

from cases.codes import CopingOutcome, Precision
from cases.models import CopingStrategy, LearnedJoin, LearnedKind, Relapse, RelapseCoping, Trigger
from cases.models.recovery.learning import Learned
from cases.people.matching import WORDED_ALIKE
from staff.models import StaffMember

from . import evidence
from .evidence import Evidence
from .wording_merge import MODELS, kind_of

SHOWN = 12
STEP = 50
LEFT = 64
LANES = {CopingOutcome.HELPED: 16, CopingOutcome.PARTLY: 44, CopingOutcome.DID_NOT: 72}
STRENGTH_BASE = 76
STRENGTH_UNIT = 6  # height of one point of strength


@dataclass(frozen=True)
class Showing:
    """One return to use in which it played a part, or in which the strategy was tried."""

    relapse: Relapse
    outcome: CopingOutcome | None = None


@dataclass(frozen=True)
class Rating:
    """A trigger's strength rating, from 0 to 10, and its first day."""

    at: datetime.datetime
    strength: int
    by: str


@dataclass(frozen=True)
class Turn:
    """It was marked no longer current, or current again (`since` is None)."""

    at: datetime.datetime
    since: datetime.date | None
    by: str


@dataclass(frozen=True)
class Dot:
    """A mark of the small picture."""

    x: int
    y: int
    value: str
    label: str


@dataclass(frozen=True)
class Double:
    """Another item on the same list with similar wording."""

    item: Any
    percent: int


@dataclass(frozen=True)
class Story:
    """Everything known about an item. Events run from latest to earliest, charts the other way."""

    kind: LearnedKind
    showings: tuple[Showing, ...]
    ratings: tuple[Rating, ...]
    turns: tuple[Turn, ...]
    elsewhere: tuple[Evidence, ...]
    aliases: tuple[LearnedJoin, ...]
    doubles: tuple[Double, ...]

    @property
    def outcome_dots(self) -> list[Dot]:
        """A strategy's last twelve results, earliest on the left."""
        latest = [each for each in self.showings if each.outcome is not None][:SHOWN]
        return [
            Dot(LEFT + STEP // 2 + STEP * place, LANES[each.outcome], each.outcome.value, _when(each.relapse))
            for place, each in enumerate(reversed(latest))
            if each.outcome is not None
        ]

    @property
    def rating_dots(self) -> list[Dot]:
        """How strong a trigger was, the earliest of the latest twelve ratings at the left."""
        return [
            Dot(
                LEFT + STEP // 2 + STEP * place,
                STRENGTH_BASE - STRENGTH_UNIT * each.strength,
                str(each.strength),
                f"{each.at:%b ’%y}",
            )
            for place, each in enumerate(self.ratings[:SHOWN][::-1])
        ]

    @property
    def rating_line(self) -> str:
        """The points of the line through the ratings."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.rating_dots)

    @property
    def picture_width(self) -> int:
        """Its width in its own units."""
        return LEFT + STEP * max(3, len(self.outcome_dots), len(self.rating_dots))


def story(item: Learned, *, staff_member: StaffMember) -> Story:
    """Read it as this person may see it, in a constant number of queries."""
    kind = kind_of(item)
    versions = _versions(item)
    names = _names(versions)
    joins = LearnedJoin.objects.visible_to(staff_member).filter(kind=kind, kept_id=item.pk, undone_at=None)
    return Story(
        kind=kind,
        showings=tuple(_showings(item, staff_member)),
        ratings=tuple(_ratings(versions, names))[::-1] if isinstance(item, Trigger) else (),
        turns=tuple(_turns(versions, names))[::-1],
        elsewhere=tuple(evidence.of(item, staff_member=staff_member)),
        aliases=tuple(joins.select_related("joined_by")),
        doubles=tuple(likely_doubles(item, staff_member=staff_member)),
    )


def likely_doubles(item: Learned, *, staff_member: StaffMember) -> list[Double]:
    """Items on the same list with similar wording, most similar first. A person decides."""
    rows = (
        MODELS[kind_of(item)]
        .objects.visible_to(staff_member)
        .filter(client=item.client_id)
        .exclude(pk=item.pk)
        .annotate(alike=TrigramSimilarity("wording", item.wording))
        .filter(alike__gte=WORDED_ALIKE)
        .order_by("-alike", "pk")
    )
    return [Double(row, round(100 * row.alike)) for row in rows]  # type: ignore[union-attr]


def _when(relapse: Relapse) -> str:
    """The first day, to the precision known."""
    known = {Precision.DAY: "%b ’%y", Precision.MONTH: "%b ’%y", Precision.YEAR: "%Y", Precision.UNKNOWN: "?"}
    return relapse.started_on.strftime(known[Precision(relapse.started_precision)])


def _showings(item: Learned, staff_member: StaffMember) -> Iterable[Showing]:
    if isinstance(item, CopingStrategy):
        tries = (
            RelapseCoping.objects.visible_to(staff_member)
            .filter(strategy=item.pk, relapse__voided_at=None)
            .select_related("relapse")
            .order_by("-relapse__started_on", "-relapse")
        )
        return [Showing(each.relapse, CopingOutcome(each.outcome)) for each in tries]
    column = "triggers" if isinstance(item, Trigger) else "warning_signs"
    rows = Relapse.objects.visible_to(staff_member).filter(**{column: item.pk})
    return [Showing(row) for row in rows.order_by("-started_on", "-pk")]


def _versions(item: Learned) -> list[Any]:
    """Every state of the row, the earliest first, as the database's own history has it."""
    events = apps.get_model("cases", f"{type(item).__name__}Event")
    return list(events._default_manager.filter(pgh_obj=item.pk).select_related("pgh_context").order_by("pgh_id"))


def _names(versions: Sequence[Any]) -> dict[int, str]:
    wanted = {_author(each) for each in versions} - {None}
    return {each.pk: str(each) for each in StaffMember.objects.filter(pk__in=wanted)}


def _author(version: Any) -> int | None:
    context = version.pgh_context
    return context.metadata.get("staff_member") if context else None


def _ratings(versions: Sequence[Any], names: dict[int, str]) -> Iterable[Rating]:
    before = None
    for each in versions:
        if each.strength is not None and each.strength != before:
            yield Rating(each.pgh_created_at, each.strength, names.get(_author(each) or 0, ""))
        before = each.strength


def _turns(versions: Sequence[Any], names: dict[int, str]) -> Iterable[Turn]:
    before = None
    for each in versions:
        if each.no_longer_true_since != before:
            yield Turn(each.pgh_created_at, each.no_longer_true_since, names.get(_author(each) or 0, ""))
        before = each.no_longer_true_since

"""Earlier decisions about a carry-over item: on earlier boards and on this one."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps

from counseling.models import CarryOverItem
from counseling.plans import lineage
from counseling.verdict_labels import words_of
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together


@dataclass(frozen=True)
class Finding:
    """One earlier decision."""

    at: datetime.datetime
    words: str
    note: str
    stands: bool = False  # nothing different was found since; only the client's words are others


@reads
def earlier_boards(items: Sequence[CarryOverItem], *, staff_member: StaffMember) -> Reading[dict[str, list[Finding]]]:
    """For each item, by token, the decisions made at earlier readmissions about it or its predecessors.

    A goal that held up is a new goal in the next episode; its earlier verdicts belong to its predecessors.
    """
    if not items:
        return {}
    others = query(
        lambda client_id, episode_id, by: (
            CarryOverItem.objects.visible_to(by)
            .standing()
            .filter(client=client_id)
            .exclude(episode=episode_id)
            .decided()
            .order_by("decided_at")
        ),
        client_id=items[0].client_id,
        episode_id=items[0].episode_id,
        by=staff_member,
    )
    decided, was = yield from together(rows(others), _what_it_was(items))
    given: dict[str, list[CarryOverItem]] = defaultdict(list)
    for row in decided:
        given[row.token].append(row)
    found = {}
    for item in items:
        same = [row for token in (*was.get(item.token, ()), item.token) for row in given.get(token, ())]
        found[item.token] = [
            Finding(row.decided_at, words_of(row.verdict, row.kind), row.note) for row in same if row.decided_at
        ]
    return found


@reads
def changed_since(items: Sequence[CarryOverItem]) -> Reading[dict[int, list[Finding]]]:
    """For each item, its superseded verdicts on this board, oldest first; one query."""
    decided = {item.pk: item for item in items if item.is_decided and item.pk}
    if not decided:
        return {}
    told = query(
        lambda items: (
            apps.get_model("counseling", "CarryOverItemEvent")
            ._default_manager.filter(IsOneOf("pgh_obj", items))
            .exclude(verdict="")
            .order_by("pgh_id")
            .values_list("pgh_obj", "verdict", "note", "decided_at")
        ),
        items=list(decided),
    )
    given: dict[int, list[tuple[str, str, datetime.datetime]]] = defaultdict(list)
    for pk, verdict, note, at in (yield from rows(told)):
        if given[pk] and given[pk][-1][2] == at:
            continue  # the row moved with its client; no one decided anything
        given[pk].append((verdict, note, at))
    return {
        pk: [
            Finding(at, words_of(verdict, decided[pk].kind), note, {each for each, *_ in found[place:]} == {verdict})
            for place, (verdict, note, at) in enumerate(found[:-1])
        ]
        for pk, found in given.items()
    }


def _what_it_was(items: Sequence[CarryOverItem]) -> Reading[dict[str, list[str]]]:
    """Tokens of the goals and homework that each item's own was carried from."""
    goals, homework = yield from together(
        lineage.lineages.part([item.goal for item in items if item.goal is not None]),
        lineage.lineages.part([item.homework for item in items if item.homework is not None]),
    )
    return {
        **{f"goal:{pk}": [f"goal:{each.pk}" for each in chain] for pk, chain in goals.items()},
        **{f"homework:{pk}": [f"homework:{each.pk}" for each in chain] for pk, chain in homework.items()},
    }

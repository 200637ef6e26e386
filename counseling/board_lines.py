"""What each line of the carry-over board says, at a number of queries that does not grow with the lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from counseling.codes import CarryOverKind, Verdict
from counseling.effectiveness import Tries, tries_of
from counseling.models import CarryOverItem
from counseling.origins import origins
from staff.models import StaffMember

# What each verdict means for each kind of thing, where the general word does not say it.
_WORDS = {
    Verdict.HELD: {
        CarryOverKind.TRIGGER: "Still a trigger",
        CarryOverKind.WARNING_SIGN: "Still a sign",
        CarryOverKind.GOAL: "Still wanted",
        CarryOverKind.STRATEGY: "Worked",
        CarryOverKind.HOMEWORK: "Take it up",
    },
    Verdict.DID_NOT_HOLD: {
        CarryOverKind.TRIGGER: "Caught unprepared",
        CarryOverKind.WARNING_SIGN: "Went unnoticed",
        CarryOverKind.STRATEGY: "Did not help",
        CarryOverKind.GOAL: "Needs another",
        CarryOverKind.HOMEWORK: "Did not help",
    },
    Verdict.NEVER_USED: {
        CarryOverKind.TRIGGER: "Did not come up",
        CarryOverKind.WARNING_SIGN: "Did not show",
        CarryOverKind.GOAL: "Not worked on",
        CarryOverKind.HOMEWORK: "Not done",
    },
    Verdict.NO_LONGER_TRUE: {
        CarryOverKind.HOMEWORK: "No longer needed",
    },
}


def words_of(verdict: str, kind: str) -> str:
    """A verdict in the words that fit this kind of thing."""
    found = Verdict(verdict)
    return str(_WORDS[found].get(CarryOverKind(kind), found.label))


def anchor(token: str) -> str:
    """The element id of an item's line."""
    return "item-" + token.replace(":", "-")


def lines(items: Sequence[CarryOverItem], *, staff_member: StaffMember) -> list[dict[str, Any]]:
    """Each item with its detail, its origin, how it did before and the verdicts to choose from."""
    tries = tries_of([item.strategy_id for item in items if item.strategy_id], staff_member=staff_member)
    earlier = _earlier_verdicts(items, staff_member)
    come_from = origins(items, staff_member=staff_member)
    return [
        {
            "item": item,
            "anchor": anchor(item.token),
            "detail": _detail(item, tries),
            "per_episode": tries[item.strategy_id].per_episode if item.strategy_id in tries else [],
            "origin": come_from.get(item.token),
            "parts": item.source.parts if hasattr(item.source, "parts") else [],
            "before": [(each, words_of(each.verdict, each.kind)) for each in earlier.get(item.token, [])],
            "found": words_of(item.verdict, item.kind) if item.verdict else "",
            "verdicts": [
                {
                    "value": verdict.value,
                    "label": words_of(verdict, item.kind),
                    "chosen": item.verdict == verdict,
                    "key": place,
                }
                for place, verdict in enumerate(Verdict, 1)
            ],
        }
        for item in items
    ]


def _earlier_verdicts(items: Sequence[CarryOverItem], staff_member: StaffMember) -> dict[str, list[CarryOverItem]]:
    """What was found about the same things when the person came back before."""
    if not items:
        return {}
    found: dict[str, list[CarryOverItem]] = defaultdict(list)
    boards = CarryOverItem.objects.visible_to(staff_member).filter(client=items[0].client_id).exclude(verdict="")
    for item in boards.exclude(episode=items[0].episode_id).with_sources().order_by("decided_at"):
        found[item.token].append(item)
    return found


def _detail(item: CarryOverItem, tries: dict[int, Tries]) -> str:
    if item.trigger is not None:
        strength = f"strength {item.trigger.strength} of 10" if item.trigger.strength is not None else ""
        return " · ".join(filter(None, [item.trigger.get_situation_display(), strength]))
    if item.warning_sign is not None:
        return item.warning_sign.get_category_display()
    if item.strategy is not None:
        known = tries.get(item.strategy.pk)
        return known.words if known else "Not tried in a recorded return to use or session"
    if item.goal is not None:
        return f"For: {item.goal.need}" if item.goal.need else ""
    if item.homework is not None:
        until = f", until {item.homework.due_on:%-d %b %Y}" if item.homework.due_on else ""
        return f"Given {item.homework.given_on:%-d %b %Y}{until}; nobody came back to it"
    return item.source_detail

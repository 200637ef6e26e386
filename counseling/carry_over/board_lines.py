"""The lines of the carry-over board, in a number of queries that does not grow with the lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from counseling.codes import Verdict
from counseling.models import CarryOverItem, DischargePlan
from counseling.plans import lineage, written_plans
from counseling.verdict_labels import words_of
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together

from . import board_history
from .effectiveness import Tries, tries_of
from .provenance import goal_in_its_plan, provenance_of


def anchor(token: str) -> str:
    """The element id of an item's line."""
    return "item-" + token.replace(":", "-")


@reads
def lines(items: Sequence[CarryOverItem], *, staff_member: StaffMember) -> Reading[list[dict[str, Any]]]:
    """Each item with its detail, its origin, how it did before and the verdicts to choose from."""
    tries, earlier, changed, come_from, goals, plans = yield from together(
        tries_of.part([item.strategy_id for item in items if item.strategy_id], staff_member=staff_member),
        board_history.earlier_boards.part(items, staff_member=staff_member),
        board_history.changed_since.part(items),
        provenance_of.part(items, staff_member=staff_member),
        lineage.lineages.part([item.goal for item in items if item.goal is not None]),
        _with_what_they_name([item.discharge_plan_id for item in items if item.discharge_plan_id]),
    )
    for item in items:
        item.discharge_plan = plans.get(item.discharge_plan_id or 0)
    return [
        {
            "item": item,
            "anchor": anchor(item.token),
            "detail": _detail(item, tries),
            "per_episode": tries[item.strategy_id].per_episode if item.strategy_id in tries else [],
            "origin": come_from.get(item.token),
            "parts": item.source.parts if hasattr(item.source, "parts") else [],
            "lineage": [(goal, goal_in_its_plan(goal)) for goal in goals.get(item.goal_id or 0, ())],
            "before": earlier.get(item.token, []),
            "changed": changed.get(item.pk, []),
            "has_history": bool(
                item.origin_episode_id
                or item.goal_id
                or earlier.get(item.token)
                or getattr(item.source, "first_seen_on", None)
                or getattr(item.source, "carried_from_id", None)
            ),
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


def _with_what_they_name(plans: Sequence[int]) -> Reading[dict[int, DischargePlan]]:
    if not plans:
        return {}
    asked = query(
        lambda plans: DischargePlan.objects.filter(IsOneOf("pk", plans)).select_related("client__clinic"),
        plans=list(plans),
    )
    found = yield from rows(asked)
    yield from written_plans.read_named.part(found)
    return {plan.pk: plan for plan in found}


def _detail(item: CarryOverItem, tries: dict[int, Tries]) -> str:
    if item.trigger is not None:
        strength = f"strength {item.trigger.strength} of 10" if item.trigger.strength is not None else ""
        return " · ".join(filter(None, [item.trigger.get_situation_display(), strength]))
    if item.warning_sign is not None:
        return item.warning_sign.get_category_display()
    if item.strategy is not None:
        known = tries.get(item.strategy.pk)
        return known.words if known else "Not used in any recorded return to use or session"
    if item.goal is not None:
        return f"For: {item.goal.need}" if item.goal.need else ""
    if item.homework is not None:
        until = f", due {item.homework.due_on:%b %-d, %Y}" if item.homework.due_on else ""
        return f"Assigned {item.homework.given_on:%b %-d, %Y}{until}; not reviewed"
    return item.source_detail

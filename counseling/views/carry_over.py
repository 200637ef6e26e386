"""The carry-over board: what was known, decided on one by one with the client."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cases.codes import CopingOutcome
from cases.models import Relapse, RelapseCoping, TreatmentEpisode
from counseling import carry_over
from counseling import comparison as comparison_of
from counseling import growth as growth_of
from counseling.codes import CarryOverKind, Verdict
from counseling.models import CarryOverItem
from counseling.views.loading import client_of, latest_episode
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import Refusal

# What each verdict means for each kind of thing, where the general word does not say it.
_WORDS = {
    Verdict.HELD: {
        CarryOverKind.TRIGGER: "Still a trigger",
        CarryOverKind.WARNING_SIGN: "Still a sign",
        CarryOverKind.GOAL: "Still wanted",
        CarryOverKind.STRATEGY: "Worked",
    },
    Verdict.DID_NOT_HOLD: {
        CarryOverKind.TRIGGER: "Caught unprepared",
        CarryOverKind.WARNING_SIGN: "Went unnoticed",
        CarryOverKind.STRATEGY: "Did not help",
        CarryOverKind.GOAL: "Needs another",
    },
    Verdict.NEVER_USED: {
        CarryOverKind.TRIGGER: "Did not come up",
        CarryOverKind.WARNING_SIGN: "Did not show",
        CarryOverKind.GOAL: "Not worked on",
    },
}


@requires(Permission.PLAN_VIEW)
def carry_over_latest(request: StaffRequest, client_id: int) -> HttpResponse:
    """On to the board of the latest episode."""
    client = client_of(request, client_id)
    episode = latest_episode(request, client)
    if episode is None:
        return render(request, "counseling/carry_over_none.html", {"client": client})
    return redirect("counseling:carry_over", client_id=client.pk, episode_id=episode.pk)


@requires(Permission.PLAN_VIEW)
def board(request: StaffRequest, client_id: int, episode_id: int) -> HttpResponse:
    """Everything known from before, by kind, with what was known and what happened on top. Writes nothing."""
    client = client_of(request, client_id)
    episode = _episode(request, client_id, episode_id)
    items = carry_over.lay_out(episode)
    lines = _lines(request, items)
    brought_by = episode.relapse if episode.relapse and not episode.relapse.is_voided else None
    found = carry_over.compare(brought_by) if brought_by and _may_see_relapses(request) else None
    return render(
        request,
        "counseling/carry_over.html",
        {
            "client": client,
            "episode": episode,
            "kinds": [
                (CarryOverKind(kind), list(of_kind))
                for kind, of_kind in groupby(lines, key=lambda line: line["item"].kind)
            ],
            "comparison": found,
            "may_decide": can(request.user, Permission.CARRY_OVER_DECIDE) and episode.is_open,
            **_progress(items),
        },
    )


@requires(Permission.CARRY_OVER_DECIDE)
@require_POST
def decide(request: StaffRequest, client_id: int, episode_id: int) -> HttpResponse:
    """One verdict. The item is named by its source, so that the board needs no writing to be opened."""
    client = client_of(request, client_id)
    episode = _episode(request, client_id, episode_id)
    token = request.POST.get("token", "")
    try:
        gathered = {item.token: item for item in carry_over.gather(episode=episode, by=request.user)}
        if token not in gathered:
            raise Http404
        carry_over.decide(
            item=gathered[token],
            verdict=request.POST.get("verdict", ""),
            note=request.POST.get("note", "")[:300],
            by=request.user,
        )
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect("counseling:carry_over", client_id=client.pk, episode_id=episode.pk)
    if not request.headers.get("HX-Request"):
        where = redirect("counseling:carry_over", client_id=client.pk, episode_id=episode.pk)
        where["Location"] += f"#{anchor(token)}"
        return where
    items = carry_over.lay_out(episode)
    line = next(each for each in _lines(request, [item for item in items if item.token == token]))
    context = {
        "client": client,
        "episode": episode,
        "line": line,
        "may_decide": True,
        "is_swap": True,
        **_progress(items),
    }
    return render(request, "counseling/_carry_over_answer.html", context)


@requires(Permission.PLAN_VIEW, Permission.RELAPSE_VIEW)
def comparison(request: StaffRequest, client_id: int) -> HttpResponse:
    """Over all returns to use of a person: what was known each time and what each one taught."""
    client = client_of(request, client_id)
    relapses = list(Relapse.objects.visible_to(request.user).filter(client=client)[:12])
    return render(
        request,
        "counseling/comparison.html",
        {"client": client, "comparisons": comparison_of.compare_all(relapses)},
    )


@requires(Permission.PLAN_VIEW, Permission.RELAPSE_VIEW)
def growth(request: StaffRequest, client_id: int) -> HttpResponse:
    """The same as one picture: every return to use a column, everything learned a row."""
    client = client_of(request, client_id)
    relapses = list(Relapse.objects.visible_to(request.user).filter(client=client))
    context = {
        "client": client,
        "growth": growth_of.of(relapses),
        "marks": [mark for mark in growth_of.Mark if mark is not growth_of.Mark.UNKNOWN],
    }
    return render(request, "counseling/growth.html", context)


def anchor(token: str) -> str:
    """The element id of an item's line."""
    return "item-" + token.replace(":", "-")


def _episode(request: StaffRequest, client_id: int, episode_id: int) -> TreatmentEpisode:
    episodes = TreatmentEpisode.objects.visible_to(request.user).select_related(
        "program", "relapse", "prior_episode__program"
    )
    return get_object_or_404(episodes, pk=episode_id, client=client_id)


def _may_see_relapses(request: StaffRequest) -> bool:
    return can(request.user, Permission.RELAPSE_VIEW)


def _progress(items: list[CarryOverItem]) -> dict[str, Any]:
    decided = sum(item.is_decided for item in items)
    counts = Counter(item.verdict for item in items)
    return {
        "total": len(items),
        "decided": decided,
        "undecided": len(items) - decided,
        "verdict_counts": [(verdict.label, counts[verdict]) for verdict in Verdict if counts[verdict]],
    }


def _lines(request: StaffRequest, items: list[CarryOverItem]) -> list[dict[str, Any]]:
    """What each line of the board shows, at a constant number of queries."""
    uses = _uses(request, items)
    earlier = _earlier_verdicts(request, items)
    return [
        {
            "item": item,
            "anchor": anchor(item.token),
            "detail": _detail(item, uses),
            "parts": item.source.parts if hasattr(item.source, "parts") else [],
            "before": earlier.get(item.token, []),
            "verdicts": [
                {
                    "value": verdict.value,
                    "label": _WORDS.get(verdict, {}).get(CarryOverKind(item.kind), verdict.label),
                    "chosen": item.verdict == verdict,
                    "key": place,
                }
                for place, verdict in enumerate(Verdict, 1)
            ],
        }
        for item in items
    ]


def _uses(request: StaffRequest, items: list[CarryOverItem]) -> dict[int, Counter[str]]:
    """How each strategy did in the returns to use in which it was tried."""
    strategies = [item.strategy_id for item in items if item.strategy_id]
    if not strategies:
        return {}
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    rows = RelapseCoping.objects.visible_to(request.user).filter(strategy__in=strategies, relapse__voided_at=None)
    for strategy, outcome in rows.values_list("strategy", "outcome"):
        counts[strategy][outcome] += 1
    return counts


def _earlier_verdicts(request: StaffRequest, items: list[CarryOverItem]) -> dict[str, list[CarryOverItem]]:
    """What was found about the same things when the person came back before."""
    if not items:
        return {}
    found: dict[str, list[CarryOverItem]] = defaultdict(list)
    boards = CarryOverItem.objects.visible_to(request.user).filter(client=items[0].client_id)
    for item in boards.exclude(episode=items[0].episode_id).exclude(verdict="").with_sources().order_by("decided_at"):
        found[item.token].append(item)
    return found


def _detail(item: CarryOverItem, uses: dict[int, Counter[str]]) -> str:
    if item.trigger is not None:
        strength = f"strength {item.trigger.strength} of 10" if item.trigger.strength is not None else ""
        return " · ".join(filter(None, [item.trigger.get_situation_display(), strength]))
    if item.warning_sign is not None:
        return item.warning_sign.get_category_display()
    if item.strategy is not None:
        tried = uses.get(item.strategy.pk, Counter())
        if not tried:
            return "Not tried in a recorded return to use"
        partly = f", partly {tried[CopingOutcome.PARTLY]}" if tried[CopingOutcome.PARTLY] else ""
        times = sum(tried.values())
        return f"Tried {times} time{'' if times == 1 else 's'}: helped {tried[CopingOutcome.HELPED]}{partly}"
    if item.goal is not None:
        return f"For: {item.goal.need}" if item.goal.need else ""
    return item.source_detail

"""The carry-over board, decided item by item with the client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import Client, Relapse, TreatmentEpisode
from counseling import carry_over
from counseling.carry_over import board_lines
from counseling.carry_over import knowledge_growth as growth_of
from counseling.carry_over import relapse_review as comparison_of
from counseling.codes import CarryOverKind, Verdict
from counseling.models import CarryOverItem
from counseling.verdict_labels import counted_as
from counseling.views.loading import client_of, latest_episode
from privacy.models import Consent
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import Reading, answer, first, known, query, rows, together
from staff.refusals import Refusal

RETURNS = 8  # to use, on a page of comparisons


class SettledElsewhere(Refusal):
    sentence = "This was already settled elsewhere, so there is nothing left to decide."


@requires(Permission.PLAN_VIEW)
def carry_over_latest(request: StaffRequest, client_id: int) -> HttpResponse:
    """Redirect to the latest episode's board."""
    client = client_of(request, client_id)
    episode = latest_episode(request, client)
    if episode is None:
        return render(request, "counseling/carry_over/carry_over_none.html", {"client": client})
    return redirect("counseling:carry_over", client_id=client.pk, episode_id=episode.pk)


@requires(Permission.PLAN_VIEW)
def board(request: StaffRequest, client_id: int, episode_id: int) -> HttpResponse:
    """The board: carry-over items by kind, with the return-to-use review on top. Writes nothing."""
    episode = _episode(request, client_id, episode_id)
    return _board(request, episode.client, episode)


@requires(Permission.CARRY_OVER_DECIDE)
@require_POST
def decide(request: StaffRequest, client_id: int, episode_id: int) -> HttpResponse:
    """One verdict. The source identifies the item, so opening the board writes nothing.

    If it is refused, because a colleague decided differently or the episode has ended, the line says so and keeps what
    was typed; nothing is decided. Text that was left alone is not sent: an old page would otherwise overwrite a
    colleague's.
    """
    client = client_of(request, client_id)
    episode = _episode(request, client_id, episode_id)
    token = request.POST.get("token", "")
    typed, shown = (request.POST.get(name, "")[:300].strip() for name in ("note", "shown"))
    note = None if typed == shown else typed
    clash: dict[str, Any] | None = None
    items = carry_over.gather(episode=episode, by=request.user)
    place = next((place for place, item in enumerate(items) if item.token == token), None)
    item = _once_on(request, episode, token) if place is None else items[place]
    try:
        if place is None:
            raise SettledElsewhere
        carry_over.decide(
            item=item,
            verdict=request.POST.get("verdict", ""),
            note=note,
            seen=request.POST.get("seen"),
            shown=None if note is None else shown,
            by=request.user,
        )
    except (SettledElsewhere, carry_over.CarryOverEpisodeEnded) as refusal:
        clash = {"sentence": refusal.sentence, "note": typed, "for_good": True}
    except carry_over.FoundMeanwhile as refusal:
        clash = {"sentence": refusal.sentence, "note": refusal.item.note if note is None else note}
    except Refusal as refusal:
        clash = {"sentence": refusal.sentence, "note": typed}
    by_script = bool(request.headers.get("HX-Request"))
    if not by_script and clash is None:
        return HttpResponseRedirect(_line_of(episode, token))
    if not by_script and place is None:
        typed_words = f" You typed: “{typed}”" if typed else ""
        messages.error(request, f"{SettledElsewhere.sentence}{typed_words}")
        return HttpResponseRedirect(_line_of(episode, ""))
    if place is not None:
        items[place] = item = CarryOverItem.objects.visible_to(request.user).with_sources().get(pk=item.pk)
        item.client = client
    if not by_script:
        return _board(request, client, episode, items=items, clashes={token: clash} if clash else {})
    (line,) = board_lines.lines([item], staff_member=request.user)
    context = {
        "client": client,
        "episode": episode,
        "line": {**line, "clash": clash},
        "may_decide": True,
        **_progress(items),
    }
    return render(request, "counseling/carry_over/_carry_over_answer.html", context)


@requires(Permission.PLAN_VIEW, Permission.RELAPSE_VIEW)
def comparison(request: StaffRequest, client_id: int) -> HttpResponse:
    """The return-to-use review: every return to use of a client."""
    client = client_of(request, client_id)
    relapses = Relapse.objects.visible_to(request.user).filter(client=client).order_by("-started_on", "-pk")
    page = Paginator(relapses, RETURNS).get_page(request.GET.get("page"))
    context = {"client": client, "page": page, "comparisons": comparison_of.compare_all(list(page.object_list))}
    return render(request, "counseling/carry_over/relapse_review.html", context)


@requires(Permission.PLAN_VIEW, Permission.RELAPSE_VIEW)
def growth(request: StaffRequest, client_id: int) -> HttpResponse:
    """Learning over time as one chart: a column per return to use, a row per item."""
    client = client_of(request, client_id)
    relapses = list(Relapse.objects.visible_to(request.user).filter(client=client))
    context = {
        "client": client,
        "growth": growth_of.of(relapses),
        "marks": [mark for mark in growth_of.Mark if mark is not growth_of.Mark.UNKNOWN],
    }
    return render(request, "counseling/carry_over/knowledge_growth.html", context)


def _board(
    request: StaffRequest,
    client: Client,
    episode: TreatmentEpisode,
    *,
    items: list[CarryOverItem] | None = None,
    clashes: Mapping[str, dict[str, Any]] = MappingProxyType({}),
) -> HttpResponse:
    brought_by = episode.relapse if episode.relapse and not episode.relapse.is_voided else None
    (items, described), found, consents = answer(
        together(
            _lines(request, episode, items),
            carry_over.compare.part(brought_by) if brought_by and _may_see_relapses(request) else known(None),
            _consents(request, client, episode),
        ),
        keep_plan=True,
    )
    lines = [{**line, "clash": clashes.get(line["item"].token)} for line in described]
    context = {
        "client": client,
        "episode": episode,
        "kinds": [
            (CarryOverKind(kind), list(of_kind)) for kind, of_kind in groupby(lines, key=lambda line: line["item"].kind)
        ],
        "comparison": found,
        "may_decide": can(request.user, Permission.CARRY_OVER_DECIDE) and episode.is_open,
        "consents": consents,
        **_progress(items),
    }
    return render(request, "counseling/carry_over/carry_over.html", context, status=409 if clashes else 200)


def _lines(
    request: StaffRequest, episode: TreatmentEpisode, items: list[CarryOverItem] | None
) -> Reading[tuple[list[CarryOverItem], list[dict[str, Any]]]]:
    if items is None:
        items = yield from carry_over.lay_out.part(episode)
    lines = yield from board_lines.lines.part(items, staff_member=request.user)
    return items, lines


def _once_on(request: StaffRequest, episode: TreatmentEpisode, token: str) -> CarryOverItem:
    """Items that have left the board since the page was opened; anything else is a 404."""
    written_down = CarryOverItem.objects.visible_to(request.user).filter(episode=episode).with_sources()
    found = next((item for item in written_down if item.token == token), None)
    if found is None:
        raise Http404
    return found


def _line_of(episode: TreatmentEpisode, token: str) -> str:
    """The address of a line on the board, or of the board."""
    address = reverse("counseling:carry_over", args=[episode.client_id, episode.pk])
    return f"{address}#{board_lines.anchor(token)}" if token else address


def _episode(request: StaffRequest, client_id: int, episode_id: int) -> TreatmentEpisode:
    asked = query(
        lambda client_id, episode_id, by: (
            TreatmentEpisode.objects.visible_to(by)
            .filter(pk=episode_id, client=client_id)
            .select_related("client__clinic", "program", "relapse", "prior_episode__program")
        ),
        client_id=client_id,
        episode_id=episode_id,
        by=request.user,
    )
    episode = answer(first(asked), keep_plan=True)
    if episode is None:
        raise Http404
    return episode


def _may_see_relapses(request: StaffRequest) -> bool:
    return can(request.user, Permission.RELAPSE_VIEW)


def _consents(request: StaffRequest, client: Client, episode: TreatmentEpisode) -> Reading[list[dict[str, Any]]]:
    """Consents signed before this episode and still active: nothing to decide, but good to review with the client.

    A consent that ends with an event may have ended with it when an earlier episode did (42 CFR 2.31(a)(7)), so it is
    marked. Consent for SUD counseling notes is not part of the general record.
    """
    today = timezone.localdate(timezone=client.clinic.zone)
    in_force = query(
        lambda client, by, admitted_on, today: (
            Consent.objects.visible_to(by)
            .filter(client=client, signed_on__lt=admitted_on)
            .in_force(today)
            .exclude(type=Consent.Type.SUD_NOTES)
            .order_by("type", "-signed_on", "pk")
        ),
        client=client,
        by=request.user,
        admitted_on=episode.admitted_on,
        today=today,
    )
    stays = query(
        lambda client, by: (
            TreatmentEpisode.objects.visible_to(by)
            .filter(client=client)
            .order_by()
            .values_list("pk", "admitted_on", "discharged_on")
        ),
        client=client,
        by=request.user,
    )
    all_stays, consents = yield from together(rows(stays), rows(in_force))
    left = [day for pk, begun, day in all_stays if (begun, pk) < (episode.admitted_on, episode.pk)]
    return [
        {
            "consent": each,
            "check": bool(each.expiry_event and any(day and each.signed_on and day >= each.signed_on for day in left)),
        }
        for each in consents
    ]


def _progress(items: list[CarryOverItem]) -> dict[str, Any]:
    decided = sum(item.is_decided for item in items)
    counts = Counter(counted_as(item.verdict, item.kind) for item in items if item.verdict)
    named = dict.fromkeys(counted_as(verdict, kind) for verdict in Verdict for kind in CarryOverKind)
    return {
        "total": len(items),
        "decided": decided,
        "undecided": len(items) - decided,
        "verdict_counts": [(name, counts[name]) for name in named if counts[name]],
    }

"""Patterns in returns to use, on screen and as one printed page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from cases import patterns
from cases.models import Relapse, SobrietyStatement
from cases.models.recovery.learning import LearnedKind
from cases.patterns import own_reports, pattern_pictures, pattern_words
from cases.patterns.relapse_summaries import looking_back
from cases.people.chart_page import client_or_404
from cases.recovery import sobriety, told
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import answer, query, rows, together


@requires(Permission.RELAPSE_VIEW)
def pattern(request: StaffRequest, client_id: int) -> HttpResponse:
    """What returns to use have in common, and what helped."""
    return render(request, "cases/patterns/patterns.html", _context(request, client_id))


@requires(Permission.RELAPSE_VIEW)
def pattern_sheet(request: StaffRequest, client_id: int) -> HttpResponse:
    """The same on one page of paper, which names neither the person nor the clinic."""
    return render(request, "cases/patterns/sheet.html", _context(request, client_id))


def _context(request: StaffRequest, client_id: int) -> dict[str, object]:
    client = client_or_404(request, client_id)
    today = client.today
    seen: dict[str, Any] = {"client": client, "by": request.user}
    returns, statements, past, elsewhere, settled, said = answer(
        together(
            rows(query(lambda client, by: Relapse.objects.visible_to(by).filter(client=client), **seen)),
            rows(query(lambda client, by: SobrietyStatement.objects.visible_to(by).filter(client=client), **seen)),
            looking_back.part(client, staff_member=request.user),
            told.elsewhere.part(client, staff_member=request.user),
            told.settled.part(client),
            own_reports.told.part(client, staff_member=request.user),
        ),
        keep_plan=True,
    )
    standing = sobriety.standing_from(returns, statements, today)
    begun = [each for each in returns if each.counts and each.started_on <= today]
    found = patterns.compare(past, sobriety.stretches(begun, statements, today))
    everything = told.in_order(client, returns, elsewhere)
    return {
        "client": client,
        "what_held": [
            (each.strategy, pattern_words.what_it_did(each)) for each in found.strategies if each.helped or each.partly
        ],
        "told_held": told.waiting(everything, settled)[LearnedKind.STRATEGY],
        "own_reports": said,
        "pattern": found,
        "pictures": pattern_pictures.draw(found, standing),
        "findings": pattern_words.findings(found),
        "left_out": pattern_words.left_out(found),
        "standing": standing,
        "today": today,
        "may_record": can(request.user, Permission.RELAPSE_RECORD),
    }

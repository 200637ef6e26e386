"""Linking a sentence in the note editor to a trigger, sign, strategy or goal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from cases.codes import CopingOutcome
from counseling.codes import Progress
from counseling.models import CarryOverItem, Goal, NoteMention, SessionNote
from counseling.notes import mentions as links
from counseling.views.carry_over.known_items import known_of
from counseling.views.loading import note_of, offered_to
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.reading import Query, answer, query, rows, together
from staff.refusals import Refusal

FIELDS = ("mention_quote", "mention_about", "mention_new", "mention_said")
NO_SUCH_LINK = "That link was already removed. Your writing was saved."
NEW = (("trigger:", "A new trigger"), ("warning_sign:", "A new warning sign"), ("strategy:", "A new strategy"))


@requires(Permission.NOTE_WRITE)
@require_POST
def mention_add(request: StaffRequest, client_id: int, note_id: int) -> HttpResponse:
    """Link a sentence, from a page with scripts: only this panel is returned."""
    note = note_of(request, client_id, note_id)
    refused = link_posted(request, note)
    return _part(request, note, typed=request.POST if refused else None, refused=refused)


@requires(Permission.NOTE_WRITE)
@require_POST
def mention_remove(request: StaffRequest, client_id: int, note_id: int, mention_id: int) -> HttpResponse:
    """Take a link away again."""
    note = note_of(request, client_id, note_id)
    return _part(request, note, refused=unlink_posted(request, note, mention_id))


def link_posted(request: StaffRequest, note: SessionNote) -> str:
    """Link the form's sentence; returns a sentence that says why not, or an empty string."""
    sent = request.POST
    kind, _, written = sent.get("mention_about", "").partition(":")
    number = outside.number(written)
    said = sent.get("mention_said", "")
    model: Any = Goal if kind == "goal" else links.LEARNED.get(kind)
    what: Any = sent.get("mention_new", "")
    if number is not None and model is not None:
        rows = model.objects.visible_to(request.user).filter(client=note.client_id)
        what = get_object_or_404(rows, pk=number)
    try:
        links.link(
            note=note,
            kind=kind,
            what=what,
            quote=sent.get("mention_quote", ""),
            outcome=said if said in CopingOutcome.values else "",
            progress=said if said in Progress.values else "",
            by=request.user,
        )
    except Refusal as refusal:
        return str(refusal)
    return ""


def unlink_posted(request: StaffRequest, note: SessionNote, mention_id: int) -> str:
    """Remove a link; returns a sentence that says why not, or an empty string."""
    rows = NoteMention.objects.visible_to(request.user).filter(note=note).select_related("note__client")
    try:
        links.unlink(mention=get_object_or_404(rows, pk=mention_id), by=request.user)
    except Refusal as refusal:
        return str(refusal)
    return ""


def saved(request: StaffRequest, note: SessionNote, then: str) -> HttpResponse | None:
    """After one of this panel's buttons saved the draft: do it, or return None if the form has to say why not."""
    button, _, written = then.partition(":")
    number = outside.number(written)
    if button != "unlink":
        refused = link_posted(request, note)
    elif number is not None:
        refused = unlink_posted(request, note, number)
    else:
        refused = NO_SUCH_LINK
    if refused:
        messages.error(request, refused)
        return None
    here = reverse("counseling:note_edit", args=[note.client_id, note.pk])
    return redirect(f"{here}#note-mentions")


def linked(note: SessionNote, request: StaffRequest) -> Query[NoteMention]:
    """The sentences of the note that are linked, with what they are linked to."""
    return query(
        lambda note, by: NoteMention.objects.visible_to(by).filter(note=note).with_target(),
        note=note.pk,
        by=request.user,
    )


def offered(
    mentions: Sequence[NoteMention], *, goals: Iterable[Goal], known: Mapping[str, Any], typed: Any = None
) -> dict[str, Any]:
    """Data for the panel; `typed` is what was submitted but not linked, and is shown again."""
    typed = typed or {}
    return {
        "mentions": mentions,
        "mention_typed": typed,
        "mention_open": any(typed.get(name) for name in FIELDS),
        "mention_groups": _groups(goals, known),
        "outcomes": CopingOutcome.choices,
        "progress": Progress.choices,
    }


def _groups(goals: Iterable[Goal], known: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything that a sentence can be about, as the groups of one list: heading, then value and words of each."""
    groups = [("Something new", list(NEW))]
    groups += [("Goals", [(f"goal:{each.pk}", str(each)) for each in goals])]
    groups += [
        (heading, [(f"{kind}:{each.pk}", str(each)) for each in known[name]])
        for heading, kind, name in (
            ("Triggers", "trigger", "triggers"),
            ("Warning signs", "warning_sign", "warning_signs"),
            ("Coping strategies", "strategy", "strategies"),
        )
    ]
    groups += [
        (f"{kind.label}, from earlier episodes, not reviewed yet", [_from_before(item) for item in items])
        for kind, items in known["learned_waiting"]
    ]
    groups += [("From earlier episodes, did not hold up", [_from_before(item) for item, _ in known["not_held"]])]
    return [(heading, choices) for heading, choices in groups if choices]


def _from_before(item: CarryOverItem) -> tuple[str, str]:
    return f"{item.kind}:{item.source_id}", item.wording


def _part(request: StaffRequest, note: SessionNote, *, typed: Any = None, refused: str = "") -> HttpResponse:
    known, offer, mentions = answer(
        together(
            known_of.part(request, note.client, note.episode),
            offered_to.part(request, note),
            rows(linked(note, request)),
        )
    )
    context = {
        "client": note.client,
        "note": note,
        "mention_refused": refused,
        **offered(mentions, goals=offer.goals, known=known, typed=typed),
        "mention_open": True,
    }
    return render(request, "counseling/notes/_mentions.html", context)

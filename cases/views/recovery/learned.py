"""Views of one trigger, warning sign or strategy: history, combined wordings and strength."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cases.forms.recovery.learning import StrengthForm
from cases.models import LearnedJoin, LearnedKind, Trigger
from cases.recovery import learned_item, learning
from cases.recovery.wording_merge import MODELS
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.refusals import refusal_as_message


@requires(Permission.RELAPSE_VIEW)
def learned(request: StaffRequest, client_id: int, kind: str, item_id: int) -> HttpResponse:
    """Everything known about an item. A combined wording redirects to the kept one."""
    item = _item(request, client_id, kind, item_id)
    if item.joined_into_id is not None:
        return redirect("cases:learned", client_id, kind, item.joined_into_id)
    return _page(request, item)


@requires(Permission.RELAPSE_RECORD)
@require_POST
def learned_join(request: StaffRequest, client_id: int, kind: str, item_id: int) -> HttpResponse:
    """Combine another wording into this one."""
    item = _item(request, client_id, kind, item_id)
    named = outside.number(request.POST.get("other"))
    if named is None:
        raise Http404
    other = _item(request, client_id, kind, named)
    with refusal_as_message(request):
        learning.merge_wordings(keep=item, other=other, by=request.user)
        messages.success(request, f"“{other.wording}” combined with “{item.wording}.”")
    return redirect("cases:learned", client_id, kind, item_id)


@requires(Permission.RELAPSE_RECORD)
@require_POST
def learned_separate(request: StaffRequest, client_id: int, kind: str, item_id: int, join_id: int) -> HttpResponse:
    """They are two things after all."""
    joins = LearnedJoin.objects.visible_to(request.user).select_related("client")
    join = get_object_or_404(joins, pk=join_id, client=client_id, kind=kind, kept_id=item_id)
    with refusal_as_message(request):
        learning.separate_wordings(join=join, by=request.user)
        messages.success(request, f"“{join.wording}” is separate again.")
    return redirect("cases:learned", client_id, kind, item_id)


@requires(Permission.RELAPSE_RECORD)
@require_POST
def trigger_rate(request: StaffRequest, client_id: int, item_id: int) -> HttpResponse:
    """Record how strong it is now, as the client rates it."""
    item = get_object_or_404(
        Trigger.objects.visible_to(request.user).select_related("client__clinic"), pk=item_id, client=client_id
    )
    form = StrengthForm(request.POST)
    if not form.is_valid():
        return _page(request, item, form)
    learning.rate(trigger=item, strength=form.cleaned_data["strength"], by=request.user)
    messages.success(request, "Rating saved. Earlier ratings are kept.")
    return redirect("cases:learned", client_id, LearnedKind.TRIGGER, item_id)


def _page(request: StaffRequest, item: Any, form: StrengthForm | None = None) -> HttpResponse:
    story = learned_item.story(item, staff_member=request.user)
    context = {
        "client": item.client,
        "item": item,
        "story": story,
        "others": MODELS[story.kind].objects.visible_to(request.user).filter(client=item.client).exclude(pk=item.pk),
        "form": form or StrengthForm(),
        "may_record": can(request.user, Permission.RELAPSE_RECORD),
    }
    return render(request, "cases/recovery/item.html", context, status=422 if form else 200)


def _item(request: StaffRequest, client_id: int, kind: str, item_id: int) -> Any:
    if kind not in LearnedKind.values:
        raise Http404
    rows = MODELS[LearnedKind(kind)].everything.visible_to(request.user)
    found = rows.select_related("client__clinic", "first_seen_in__program", "recorded_by")
    return get_object_or_404(found, pk=item_id, client=client_id)

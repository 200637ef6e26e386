"""Two records of one person: comparing, merging, and undoing a merge."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cases import merging
from cases.models import Client, ClientMerge
from cases.people import finding
from staff import outside
from staff.access import Permission, StaffRequest, requires
from staff.encrypted_fields import if_readable
from staff.refusals import refusal_as_message


@requires(Permission.CLIENT_MERGE)
def merge(request: StaffRequest, client_id: int) -> HttpResponse:
    """Look for other records of the same person, compare, and join two of them."""
    client = _client(request, client_id)
    other = _chosen(request, client)
    if request.method == "POST" and other is not None and "merge" in request.POST:
        keep, absorb = (client, other) if request.POST.get("keep") != str(other.pk) else (other, client)
        if request.POST.get("asked") != "on":
            messages.error(request, "Confirm that both records are the same person.")
        else:
            with refusal_as_message(request):
                merging.merge(keep=keep, absorb=absorb, by=request.user)
                messages.success(request, f"Record No. {absorb.pk} merged into No. {keep.pk}.")
                return redirect("cases:merge", keep.pk)
    looked_for = request.POST.get("look_for", "").strip()
    context = {
        "client": client,
        "other": other,
        "looked_for": looked_for,
        "matches": [] if other else _others(request, client, looked_for),
        "sides": [(side, merging.what_would_move(side)) for side in (client, other)] if other else [],
        "done": ClientMerge.objects.visible_to(request.user)
        .filter(keep=client)
        .select_related("absorb", "merged_by", "undone_by"),
    }
    return render(request, "cases/merging/merge.html", context)


@requires(Permission.CLIENT_MERGE)
@require_POST
def unmerge(request: StaffRequest, client_id: int, merge_id: int) -> HttpResponse:
    """Undo a merge."""
    done = get_object_or_404(
        ClientMerge.objects.visible_to(request.user).select_related("keep__clinic", "absorb"),
        pk=merge_id,
        keep=client_id,
    )
    with refusal_as_message(request):
        merging.unmerge(merge=done, by=request.user)
        messages.success(request, f"Record No. {done.absorb_id} is separate again.")
    return redirect("cases:merge", client_id)


def _client(request: StaffRequest, client_id: int) -> Client:
    clients = finding.with_identifiers(Client.objects.visible_to(request.user).select_related("clinic"))
    return get_object_or_404(clients, pk=client_id)


def _chosen(request: StaffRequest, client: Client) -> Client | None:
    wanted = outside.number(request.POST.get("other"))
    return None if wanted is None or wanted == client.pk else _client(request, wanted)


def _others(request: StaffRequest, client: Client, looked_for: str) -> list[finding.Match]:
    if looked_for:
        found = finding.search(staff_member=request.user, text=looked_for)
    else:
        found = finding.likely(
            staff_member=request.user,
            given_name=client.given_name,
            family_name=client.family_name,
            birth_date=client.birth_date,
            birth_year=client.birth_year,
            phone=next((point.normalized for point in client.ways_to_reach if point.kind == "phone"), ""),  # type: ignore[attr-defined]
            ssn_last4=if_readable(client, "ssn_last4"),
        )
    return [match for match in found if match.client.pk != client.pk]

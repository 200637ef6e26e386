from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.people.chart_page import client_or_404
from privacy import consents, legal_holds
from privacy.forms.consents import ConsentForm, RevocationForm
from privacy.models import Consent
from privacy.standing import with_standing
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_as_message, refusal_on


@requires(Permission.CONSENT_VIEW)
def client_consents(request: StaffRequest, client_id: int) -> HttpResponse:
    """One client's consents: active, drafts, and ended."""
    client = client_or_404(request, client_id)
    rows = Consent.objects.visible_to(request.user).filter(client=client).prefetch_related("statuses__by")
    today = timezone.localdate(timezone=client.clinic.zone)
    return render(
        request,
        "privacy/client_consents.html",
        {
            "client": client,
            "rows": with_standing(rows, today),
            "types": Consent.Type.choices,
            "is_held": legal_holds.is_held(client),
        },
    )


@requires(Permission.CONSENT_MANAGE)
def consent_new(request: StaffRequest, client_id: int) -> HttpResponse:
    """Put a form on file: as a draft, or active if it is complete."""
    client = client_or_404(request, client_id)
    chosen = request.GET.get("type", "")
    if chosen not in Consent.Type.values:
        return redirect("privacy:client_consents", client_id=client.pk)
    form = ConsentForm(request.POST or None, client=client, type=chosen)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            if "activate" in request.POST:
                consents.record(client=client, type=chosen, by=request.user, **form.elements)
                messages.success(request, "Consent activated.")
            else:
                consents.draft(client=client, type=chosen, by=request.user, **form.elements)
                messages.success(request, "Draft saved. It allows nothing yet.")
            return redirect("privacy:client_consents", client_id=client.pk)
    context = {"client": client, "form": form, "words": Consent.Type(chosen).label}
    return render(request, "privacy/consent_form.html", context)


@requires(Permission.CONSENT_MANAGE)
def consent_edit(request: StaffRequest, client_id: int, consent_id: int) -> HttpResponse:
    """Complete a draft."""
    consent = get_object_or_404(Consent.objects.visible_to(request.user), pk=consent_id, client=client_id)
    form = ConsentForm(request.POST or None, client=consent.client, type=consent.type, instance=consent)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            consents.amend(consent=consent, by=request.user, activate_it="activate" in request.POST, **form.elements)
            messages.success(request, "Consent activated." if "activate" in request.POST else "Draft saved.")
            return redirect("privacy:client_consents", client_id=client_id)
    context = {"client": consent.client, "form": form, "words": consent.get_type_display()}
    return render(request, "privacy/consent_form.html", context)


@requires(Permission.CONSENT_VIEW)
def consent(request: StaffRequest, client_id: int, consent_id: int) -> HttpResponse:
    """One consent: its elements, who did what when, and what was disclosed under it."""
    rows = Consent.objects.visible_to(request.user).filter(pk=consent_id, client=client_id)
    client = get_object_or_404(rows.select_related("client__clinic")).client
    rows = rows.select_related("client__clinic").prefetch_related("statuses__by", "disclosures")
    [row] = with_standing(rows, timezone.localdate(timezone=client.clinic.zone))
    form = RevocationForm(others=consents.for_the_same(row.consent))
    context = {"client": row.consent.client, "row": row, "consent": row.consent, "form": form}
    return render(request, "privacy/consent.html", context)


@requires(Permission.CONSENT_MANAGE)
@require_POST
def revoke(request: StaffRequest, client_id: int, consent_id: int) -> HttpResponse:
    """End a consent now."""
    found = get_object_or_404(Consent.objects.visible_to(request.user), pk=consent_id, client=client_id)
    form = RevocationForm(request.POST, others=consents.for_the_same(found))
    form.is_valid()
    with refusal_as_message(request):
        reason = form.cleaned_data.get("reason", "")
        consents.revoke(consent=found, by=request.user, reason=reason, keep=form.keep)
        messages.success(request, "Consent revoked. No more disclosures under it. Past disclosures stay on record.")
    return redirect("privacy:client_consents", client_id=client_id)

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.people.chart_page import client_or_404
from privacy import disclosures as acts
from privacy import fitting, recipients, service_agreements, tpo
from privacy.filters import RecipientFilter, ServiceAgreementFilter
from privacy.forms.disclosures import DisclosureForm, RecipientForm, ServiceAgreementForm
from privacy.models import Disclosure, KnownRecipient, ServiceAgreement
from staff.access import Permission, StaffRequest, requires
from staff.paging import newest_first
from staff.refusals import Refusal, refusal_on

PAGE = 40
BESIDE = (  # refusals that name their field
    tpo.NotWithinTpo,
    fitting.SaysNothing,
    fitting.NotItsPurpose,
    fitting.MoreThanAgreed,
    fitting.NotItsService,
    service_agreements.NoCurrentAgreement,
    service_agreements.AnotherOrganization,
)


@requires(Permission.DISCLOSURE_VIEW)
def disclosures(request: StaffRequest, client_id: int) -> HttpResponse:
    """The accounting of disclosures of one client (42 CFR 2.25): who, what, why, when."""
    client = client_or_404(request, client_id)
    rows = (
        Disclosure.objects.visible_to(request.user)
        .filter(client=client)
        .select_related("disclosed_by", "recorded_by", "consent", "agreement", "review")
    )
    page = newest_first(rows, key=("disclosed_at", "pk"), after=request.GET.get("after", ""))
    return render(request, "privacy/disclosures.html", {"client": client, "page": page, "notice": acts.NOTICE})


@requires(Permission.DISCLOSURE_RECORD)
def disclosure_new(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record a disclosure that was made."""
    client = client_or_404(request, client_id)
    form = DisclosureForm(request.POST or None, client=client, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            acts.record(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "Disclosure recorded with its notice.")
            return redirect("privacy:disclosures", client_id=client.pk)
        except BESIDE as refusal:
            form.add_error(refusal.field, refusal.sentence)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
    return render(request, "privacy/disclosure_form.html", {"client": client, "form": form, "notice": acts.NOTICE})


@requires(Permission.RECIPIENTS_KEEP)
def recipients_list(request: StaffRequest) -> HttpResponse:
    """Providers, payers and partners that the clinic has checked, and a form to add one."""
    rows = KnownRecipient.objects.visible_to(request.user).current().select_related("added_by")
    filters = RecipientFilter(request, rows)
    form = RecipientForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            added = recipients.add(by=request.user, **form.cleaned_data)
            messages.success(request, f"{added} is on the list.")
            return redirect("privacy:recipients")
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    context = {"filters": filters, "page": page, "query": filters.kept, "form": form}
    return render(request, "privacy/recipients.html", context)


@requires(Permission.RECIPIENTS_KEEP)
@require_POST
def recipient_end(request: StaffRequest, recipient_id: int) -> HttpResponse:
    """Take one off the list."""
    rows = KnownRecipient.objects.visible_to(request.user).current()
    row = recipients.end(recipient=get_object_or_404(rows, pk=recipient_id), by=request.user)
    messages.success(request, f"{row} is off the list. Past disclosures stay on record.")
    return redirect("privacy:recipients")


@requires(Permission.RECIPIENTS_KEEP)
def agreements(request: StaffRequest) -> HttpResponse:
    """Qualified service organizations: the agreements on record, current or not, and a form to add one."""
    today = timezone.localdate(timezone=request.user.clinic.zone)
    rows = ServiceAgreement.objects.visible_to(request.user).select_related("added_by", "ended_by")
    filters = ServiceAgreementFilter(request, rows)
    form = ServiceAgreementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            added = service_agreements.add(by=request.user, **form.cleaned_data)
            messages.success(request, f"The agreement with {added} is on record.")
            return redirect("privacy:agreements")
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    lines = [{"agreement": each, "is_current": each.is_current_on(today)} for each in page]
    context = {"filters": filters, "page": page, "query": filters.kept, "form": form, "lines": lines, "today": today}
    return render(request, "privacy/agreements.html", context)


@requires(Permission.RECIPIENTS_KEEP)
@require_POST
def agreement_end(request: StaffRequest, agreement_id: int) -> HttpResponse:
    """End one, or say that it is not renewed."""
    rows = ServiceAgreement.objects.visible_to(request.user).open()
    row = service_agreements.end(agreement=get_object_or_404(rows, pk=agreement_id), by=request.user)
    messages.success(request, f"The agreement with {row} has ended. Past disclosures stay on record.")
    return redirect("privacy:agreements")

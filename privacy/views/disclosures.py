from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from cases.people.chart_page import client_or_404
from privacy import disclosures as acts
from privacy import tpo
from privacy.forms import DisclosureForm
from privacy.models import Disclosure
from staff.access import Permission, StaffRequest, requires
from staff.paging import newest_first
from staff.refusals import Refusal


@requires(Permission.DISCLOSURE_VIEW)
def disclosures(request: StaffRequest, client_id: int) -> HttpResponse:
    """The accounting of disclosures of one client (42 CFR 2.25): who, what, why, when."""
    client = client_or_404(request, client_id)
    rows = Disclosure.objects.visible_to(request.user).filter(client=client).select_related("disclosed_by", "consent")
    page = newest_first(rows, key=("disclosed_at", "pk"), after=request.GET.get("after", ""))
    return render(request, "privacy/disclosures.html", {"client": client, "page": page, "notice": acts.NOTICE})


@requires(Permission.DISCLOSURE_RECORD)
def disclosure_new(request: StaffRequest, client_id: int) -> HttpResponse:
    """Record a disclosure that was made."""
    client = client_or_404(request, client_id)
    form = DisclosureForm(request.POST or None, client=client)
    if request.method == "POST" and form.is_valid():
        try:
            acts.record(client=client, by=request.user, **form.cleaned_data)
            messages.success(request, "Disclosure recorded with its notice.")
            return redirect("privacy:disclosures", client_id=client.pk)
        except tpo.NotWithinTpo as refusal:
            form.add_error(refusal.field, refusal.sentence)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
    return render(request, "privacy/disclosure_form.html", {"client": client, "form": form, "notice": acts.NOTICE})

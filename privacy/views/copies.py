from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from cases.models import Client
from cases.people.chart_page import client_or_404
from privacy import copies
from privacy.forms.giving import CopyForm
from privacy.models import AskedAbout, Disclosure, RecordGiven
from privacy.views.accounting import waiting
from staff.access import Permission, StaffRequest, requires
from staff.paper.answering import as_pdf
from staff.refusals import refusal_on


@requires(Permission.RECORD_GIVE)
def copy_page(request: StaffRequest, client_id: int) -> HttpResponse:
    """The form to make a copy of one client's record, and the copies given before."""
    client = client_or_404(request, client_id)
    return _page(request, client, _form(request, client, initial={"asked": request.GET.get("request", "")}))


@requires(Permission.RECORD_GIVE)
@require_POST
def give(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Make the copy and send it; recorded first."""
    client = client_or_404(request, client_id)
    form = _form(request, client, data=request.POST)
    if form.is_valid():
        facts = form.cleaned_data
        with refusal_on(form):
            row, parts = copies.give(
                client=client, form=facts["form"], recipient=form.recipient, asked=facts["asked"], by=request.user
            )
            if row.form == RecordGiven.Form.PDF:
                return as_pdf(copies.as_sheet(row, parts, by=request.user))
            return _streamed(copies.as_data(row, parts), f"record-{client.pk}.json")
    return _page(request, client, form)


def _streamed(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(lines, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _form(request: StaffRequest, client: Client, **kwargs: object) -> CopyForm:
    return CopyForm(
        requests=waiting(request, client, AskedAbout.Kind.RECORD_COPY),
        disclosures=Disclosure.objects.visible_to(request.user).filter(client=client),
        **kwargs,
    )


def _page(request: StaffRequest, client: Client, form: CopyForm) -> HttpResponse:
    given = RecordGiven.objects.visible_to(request.user).filter(client=client, what=RecordGiven.What.RECORD)
    context = {"client": client, "form": form, "given": given.select_related("by")[:10]}
    return render(request, "privacy/record_copy.html", context)

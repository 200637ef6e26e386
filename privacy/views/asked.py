from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from cases.people.chart_page import client_or_404
from privacy import minors
from privacy.forms.requests import AskedForm, AskedOnChartForm
from privacy.models import AskedAbout
from staff.access import Permission, StaffRequest, requires
from staff.days import day_in_words
from staff.paging import newest_first
from staff.refusals import Refusal, refusal_on

# What to add to the neutral words, by what they want: the same about everyone.
MORE = (
    ("If they want their own record", minors.IN_WRITING.strip()),
    ("If they bring a subpoena or other court papers", minors.WITH_PAPERS.strip()),
)


@requires(Permission.ASKED_RECORD)
def asked(request: StaffRequest) -> HttpResponse:
    """What to say to someone who asks about a person, and a form to record the request.

    No one is looked up: the page answers the same whatever name is typed.
    """
    form = AskedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, "about"):
            kept = minors.record_asked(by=request.user, **form.cleaned_data)
            messages.success(request, _logged(kept))
            if kept.way == AskedAbout.Way.LETTER:
                return redirect("privacy:asked_letter", pk=kept.pk)
            return redirect("privacy:asked")
    rows = AskedAbout.objects.visible_to(request.user).select_related("by")
    page = newest_first(rows, key=("asked_at", "pk"), after=request.GET.get("after", ""))
    context = {"form": form, "page": page, "words": minors.NEUTRAL, "more": MORE}
    return render(request, "privacy/asked.html", context)


@requires(Permission.ASKED_RECORD, Permission.CLIENT_VIEW)
def client_asked(request: StaffRequest, client_id: int) -> HttpResponse:
    """Whether someone who asks may be told anything about this client; if not, what to say. Both are recorded."""
    client = client_or_404(request, client_id)
    form = AskedOnChartForm(request.POST or None)
    answer = None
    today = timezone.localdate(timezone=client.clinic.zone)
    if request.method == "POST" and form.is_valid():
        kind = form.cleaned_data["kind"]
        answer = minors.may_learn(client=client, asked_by=form.cleaned_data["asked_by"], on=today)
        if kind != AskedAbout.Kind.QUESTION:
            answer = minors.Answer(False, minors.words_for(kind), "The privacy officer answers this in writing.")
        try:
            minors.record_asked(
                client=client, about=client.full_name, answer=answer, by=request.user, **form.cleaned_data
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
            answer = None
    context = {
        "client": client,
        "form": form,
        "answer": answer,
        "is_minor": minors.is_minor(client, today),
        "consents_alone": minors.consents_alone(client, today),
        "age_to_consent": minors.age_to_consent(client),
    }
    return render(request, "privacy/client_asked.html", context)


@requires(Permission.ASKED_RECORD)
def letter(request: StaffRequest, pk: int) -> HttpResponse:
    """The same wording on paper, without the name in question."""
    rows = AskedAbout.objects.visible_to(request.user).select_related("clinic")
    asked = get_object_or_404(rows, pk=pk)
    words = minors.NEUTRAL if asked.may_tell else asked.answer  # what may be told goes out as a disclosure, not here
    context = {"asked": asked, "words": words, "back_url": reverse("privacy:asked")}
    return render(request, "privacy/asked_letter.html", context)


def _logged(kept: AskedAbout) -> str:
    if kept.answer_by is None:
        return "Request logged."
    return f"Request logged for the privacy officer, who answers by {day_in_words(kept.answer_by)}."

"""Every component on a page: for building, for screenshots and for the accessibility tests. Not in production."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from staff.access import Permission, requires
from staff.needs import Need, Urgency
from staff.typed_fields import NumberField, PastDayField

SAMPLES = {
    "components": "staff/styleguide/components.html",
    "chart": "staff/styleguide/chart.html",
    "print": "staff/styleguide/print.html",
}


class SampleForm(forms.Form):
    """One of each kind of field."""

    started_on = PastDayField(label="When did it start?", help_text="An estimate will do.")
    days_used = NumberField(label="Days used", min_value=0, max_value=366)
    source = forms.ChoiceField(
        label="Who told you?", choices=[("", "Choose"), ("client", "The client"), ("family", "Family")]
    )
    situations = forms.MultipleChoiceField(
        label="Situations",
        choices=[("conflict", "Conflict"), ("pressure", "Social pressure"), ("low", "Low mood")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    kind = forms.ChoiceField(
        label="What the clinician calls it",
        choices=[("lapse", "Lapse"), ("relapse", "Relapse"), ("undetermined", "Not yet determined")],
        widget=forms.RadioSelect,
    )
    learned = forms.CharField(label="What was learned", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    agreed = forms.BooleanField(label="Talked over with the client", required=False)


def sample_needs() -> list[Need]:
    """A line of each urgency."""
    now = timezone.now()
    return [
        Need(Urgency.NOW, "Call back: took too much yesterday", "Said a friend found them. Naloxone offered.", "#",
             "Call now", "phone-call", due=now, client_name="Robin Sample"),
        Need(Urgency.TODAY, "Sign the note of Tuesday's session", "Individual, 50 minutes", "#", "Open note",
             "pen-line", due=now + datetime.timedelta(hours=3), client_name="Alex Example"),
        Need(Urgency.SOON, "Decide what carries over", "6 of 14 items are open", "#", "Open board", "list-checks",
             due=timezone.localdate() + datetime.timedelta(days=2), client_name="Sam Placeholder"),
    ]  # fmt: skip


@require_safe
@requires(Permission.TODAY_VIEW)
def styleguide(request: HttpRequest, sample: str = "components") -> HttpResponse:
    """The living style guide; 404 outside development and the demo."""
    if not (settings.DEBUG or getattr(settings, "SHOW_DEMO_LOGINS", False)) or sample not in SAMPLES:
        raise Http404
    typed = {"days_used": "-1", "learned": "Calling before the weekend helps."}
    form = SampleForm(typed if "errors" in request.GET else None)
    if "messages" in request.GET:
        messages.success(request, "Draft saved.")
        messages.warning(request, "This client has another open inquiry.")
        messages.error(request, "This note is signed. Add an addendum instead.")
        messages.info(request, "The reminder goes out on Tuesday at 10:00 AM.")
    client = SimpleNamespace(
        pk=0, full_name="Robin Sample", given_name="Roberta", preferred_name="Robin", pronouns="she/her",
        age_words="41 years", birth_words="May 17, 1985", birth_in_code="1985-05-17", language="Spanish",
        flags=[
            {"text": "Safety concern: evaluate now", "tone": "danger", "icon": "triangle-alert", "url": "#main"},
            {"text": "Opioid tolerance lost", "tone": "danger", "icon": "triangle-alert", "url": "#main"},
            {"text": "Penicillin", "tone": "attention", "icon": "pill"},
        ],
    )  # fmt: skip
    steps = [
        {"label": "Inquiry", "done": True, "url": "#"},
        {"label": "Former client", "done": True, "url": "#"},
        {"label": "Return to use", "done": True, "url": "#"},
        {"label": "Assessment", "current": True},
        {"label": "Decision"},
        {"label": "Admission"},
    ]
    tones = ("neutral", "good", "attention", "danger", "info")
    context = {"form": form, "needs": sample_needs(), "client": client, "steps": steps, "tones": tones}
    return render(request, SAMPLES[sample], context)

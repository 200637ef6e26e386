from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from privacy.models import Channel
from reminders import choices, own_wordings, segments, sender_addresses, sources
from reminders.channels import sender_name
from reminders.forms import SwitchForm, TimesForm, WordingForm
from reminders.kinds import KINDS, KindRow
from reminders.languages import Language, day_in
from reminders.models import KindSwitch, MessageTemplate
from reminders.wording import NEUTRAL_SUBJECT, SAMPLE, aloud
from reminders.wording import render as fill_in
from staff import own_numbers
from staff.access import Permission, StaffRequest, requires
from staff.refusals import refusal_on
from staff.thresholds import Threshold, registry, values_for


@dataclass(frozen=True)
class KindLine:
    """One kind in the list."""

    row: KindRow
    is_on: bool
    times: list[str]
    languages: list[str]  # those with a wording of the clinic's own


@dataclass(frozen=True)
class WordingPart:
    """One wording on a kind's page: the clinic's own or the product's, with its length as it is sent."""

    form: WordingForm
    language: Language
    channel: Channel
    is_own: bool
    sample: dict[str, str]
    length: segments.Length | None

    @property
    def prefix(self) -> str:
        """The names of its fields begin with it."""
        return f"{self.language.value}-{self.channel.value}"

    @property
    def is_text(self) -> bool:
        """Whether its length counts: a text message costs by the segment."""
        return self.channel == Channel.SMS

    @property
    def words(self) -> str:
        """What goes out, as kept or as typed; of a call, what the voice says."""
        words = str(self.form["body"].value() or "")
        return aloud(words) if self.channel == Channel.VOICE else words


@requires(Permission.CLINIC_MANAGE)
def kinds(request: StaffRequest) -> HttpResponse:
    """Every kind of message: whether it is sent, when, and in whose words."""
    clinic = request.user.clinic
    off = {kind for _, kind in choices.off([clinic.pk])}
    values = values_for(clinic, [each for row in KINDS.values() for each in _thresholds(row)])
    own: dict[str, list[str]] = {}
    for each in MessageTemplate.objects.visible_to(request.user).order_by("kind", "language", "channel"):
        words = f"{each.get_language_display()} {each.get_channel_display().lower()}"
        own.setdefault(each.kind, []).append(words)
    lines = [
        KindLine(
            row,
            row.kind not in off,
            [f"{each.label}: {each.amount(values[each.key])}" for each in _thresholds(row)],
            own.get(row.kind, []),
        )
        for row in KINDS.values()
    ]
    context = {
        "to_clients": [line for line in lines if line.row.for_clients],
        "to_staff": [line for line in lines if not line.row.for_clients],
        "revealing": sender_addresses.revealing(),
        "neutral_name": clinic.neutral_name,
        "name_is_replaced": sender_name(clinic) != clinic.neutral_name,
    }
    return render(request, "reminders/kinds.html", context)


@requires(Permission.CLINIC_MANAGE)
def kind_page(request: StaffRequest, kind: str) -> HttpResponse:
    """One kind: on or off, when it is sent, and its wording in both languages."""
    return _page(request, _row(kind))


@requires(Permission.CLINIC_MANAGE)
@require_POST
def switch(request: StaffRequest, kind: str) -> HttpResponse:
    """Switch a kind on or off."""
    row = _row(kind)
    form = SwitchForm(request.POST)
    if form.is_valid():
        with refusal_on(form, "reason"):
            choices.switch(
                clinic=request.user.clinic,
                kind=row.kind,
                is_on=form.cleaned_data["is_on"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
            messages.success(request, f"{row.kind.label}: {'on' if form.cleaned_data['is_on'] else 'off'}.")
            return redirect("reminders:kind", kind=row.kind.value)
    return _page(request, row, switch_form=form, status=422)


@requires(Permission.CLINIC_MANAGE)
@require_POST
def times(request: StaffRequest, kind: str) -> HttpResponse:
    """Change when a kind is sent."""
    row = _row(kind)
    form = _times_form(request, row, request.POST)
    if form.is_valid():
        with refusal_on(form, fields={own_numbers.WhyDifferent: "reason"}), transaction.atomic():  # all or none
            for each in _thresholds(row):
                own_numbers.set_own(
                    clinic=request.user.clinic,
                    key=each.key,
                    value=form.cleaned_data[each.key],
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                )
            waiting = "moves within the hour" if sources.keeps_asking(row.kind) else "keeps its time"
            messages.success(request, f"Times saved. What is scheduled already {waiting}.")
            return redirect("reminders:kind", kind=row.kind.value)
    return _page(request, row, times_form=form, status=422)


@requires(Permission.CLINIC_MANAGE)
@require_POST
def wording(request: StaffRequest, kind: str) -> HttpResponse:
    """Keep the clinic's own words on a channel in a language, or go back to the product's."""
    row = _row(kind)
    prefix = request.POST.get("part", "")
    form = WordingForm(request.POST, prefix=prefix)
    dropped = request.POST.get("then") == "drop"
    if dropped:
        form.fields["body"].required = False
    if form.is_valid():
        which = {
            "clinic": request.user.clinic,
            "kind": row.kind.value,
            "channel": form.cleaned_data["channel"],
            "language": form.cleaned_data["language"],
            "by": request.user,
        }
        with refusal_on(form, "body"):
            if dropped:
                own_wordings.drop(**which)
                messages.success(request, "Onward’s wording is used again.")
            else:
                words = {"body": form.cleaned_data["body"], "subject": form.cleaned_data.get("subject", "")}
                own_wordings.keep(**which, **words)
                messages.success(request, "Wording saved.")
            return redirect("reminders:kind", kind=row.kind.value)
    return _page(request, row, wording_form=form, status=422)


def _page(
    request: StaffRequest,
    row: KindRow,
    *,
    switch_form: SwitchForm | None = None,
    times_form: TimesForm | None = None,
    wording_form: WordingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    history = list(
        KindSwitch.objects.visible_to(request.user).filter(kind=row.kind).select_related("by").order_by("-pk")[:5]
    )
    is_on = not history or history[0].is_on
    context = {
        "row": row,
        "is_on": is_on,
        "history": history,
        "switch_form": switch_form or SwitchForm(initial={"is_on": int(is_on)}),
        "times_form": (times_form or _times_form(request, row, None)) if row.times else None,
        "parts": _parts(request, row, wording_form) if row.for_clients else [],
        "sample": SAMPLE,
    }
    return render(request, "reminders/kind.html", context, status=status)


def _parts(request: StaffRequest, row: KindRow, bound: WordingForm | None) -> list[WordingPart]:
    own = {
        (each.language, each.channel): each
        for each in MessageTemplate.objects.visible_to(request.user).filter(kind=row.kind)
    }
    found = []
    for language in Language:
        sample = {**SAMPLE, "day": day_in(language, SAMPLE["day"])}
        for channel in row.channels:
            kept = own.get((language, channel))
            product = row.said.within(language)
            if channel == Channel.VOICE:
                product = aloud(product)
            prefix = f"{language.value}-{channel.value}"
            form = WordingForm(
                prefix=prefix,
                initial={
                    "channel": channel,
                    "language": language,
                    "subject": (kept.subject if kept else "") or NEUTRAL_SUBJECT.within(language),
                    "body": kept.body if kept else product,
                },
            )
            if bound is not None and bound.prefix == prefix:
                form = bound
            length = _length(form, sample)
            found.append(WordingPart(form, language, channel, kept is not None, sample, length))
    return found


def _length(form: WordingForm, sample: dict[str, str]) -> segments.Length | None:
    try:
        return segments.length(fill_in(str(form["body"].value() or ""), sample))
    except (KeyError, ValueError, IndexError):
        return None  # braces that do not parse; the form says so


def _times_form(request: StaffRequest, row: KindRow, data: Any) -> TimesForm:
    thresholds = _thresholds(row)
    return TimesForm(data, thresholds=thresholds, values=values_for(request.user.clinic, thresholds))


def _thresholds(row: KindRow) -> Sequence[Threshold]:
    return [registry[key] for key in row.times]


def _row(kind: str) -> KindRow:
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]

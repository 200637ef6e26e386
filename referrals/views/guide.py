"""The conversation before a referral: one page for each step, each with what to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.models import Client
from cases.people.chart_page import client_or_404
from cases.possible_days import ask_about
from privacy.models import Consent
from referrals import (
    clock_words,
    concerns,
    finder,
    guide,
    guide_words,
    handout,
    off_the_map,
    referring,
    tried_before,
)
from referrals.danger_form import DangerForm
from referrals.fellowships import Fellowship
from referrals.filters import KM_PER_MILE
from referrals.forms import CallForm, ConcernsForm, TriedForm
from referrals.models import Conversation, Meeting, Referral
from referrals.models.conversation import MOST_CHOICES
from referrals.start_points import nearest_home
from referrals.views.plan_forms import plan_form, reach_of
from referrals.views.referrals import closed_meanwhile
from reminders import languages
from reminders.languages import Language
from staff import outside
from staff.access import Permission, StaffRequest, can, requires
from staff.reading import answer, known, rows, together
from staff.refusals import refusal_as_message, refusal_on

PAGES = {
    "tried": "referrals/guide/tried.html",
    "concerns": "referrals/guide/concerns.html",
    "choose": "referrals/guide/choose.html",
    "call": "referrals/guide/call.html",
    "day": "referrals/guide/day.html",
}
_NEAR_KM = 25 * KM_PER_MILE
_SHOWN = 5


@dataclass
class Talk:
    """What every step's page knows: the client, the open conversation, its choices, and the clinic's words."""

    request: StaffRequest
    client: Client
    stage: str
    conversation: Conversation | None
    choices: list[Referral]
    others: list[Referral]  # on offer or under way already, such as a meeting found in the finder

    @cached_property
    def words(self) -> dict[str, str]:
        """What the guide says at this clinic."""
        return guide_words.words_for(self.client.clinic)

    def page(self, **context: object) -> HttpResponse:
        """The page of this step."""
        finished = guide.done(self.conversation, self.choices)
        args = [self.client.pk]
        steps = [
            {
                "label": stage.label,
                "url": reverse("referrals:guide_stage", args=[*args, stage.key]),
                "done": stage.key in finished,
                "current": stage.key == self.stage,
            }
            for stage in guide.STAGES
        ]
        at = guide.KEYS.index(self.stage)
        return render(
            self.request,
            PAGES[self.stage],
            {
                "client": self.client,
                "conversation": self.conversation,
                "choices": self.choices,
                "stage": guide.STAGES[at],
                "number": at + 1,
                "steps": steps,
                "say": self.words[self.stage],
                **context,
            },
        )

    def on(self) -> HttpResponse:
        """On to the next step."""
        at = min(guide.KEYS.index(self.stage) + 1, len(guide.KEYS) - 1)
        return redirect("referrals:guide_stage", client_id=self.client.pk, stage=guide.KEYS[at])


@requires(Permission.REFERRAL_MAKE)
def resume(request: StaffRequest, client_id: int) -> HttpResponse:
    """Where the conversation stands: its first step without an answer."""
    talk = _talk(request, client_id, guide.KEYS[0])
    stage = guide.next_stage(guide.done(talk.conversation, talk.choices))
    return redirect("referrals:guide_stage", client_id=client_id, stage=stage)


@requires(Permission.REFERRAL_MAKE)
def at_stage(request: StaffRequest, client_id: int, stage: str) -> HttpResponse:
    """One step. What is sent is saved, and the next step comes."""
    talk = _talk(request, client_id, stage)
    if stage not in STAGES:
        raise Http404
    return STAGES[stage](talk, request.POST if request.method == "POST" else None)


@requires(Permission.REFERRAL_MAKE)
@require_POST
def finish(request: StaffRequest, client_id: int) -> HttpResponse:
    """The conversation has come to its end for now."""
    talk = _talk(request, client_id, guide.KEYS[0])
    if talk.conversation is not None:
        with refusal_as_message(request):
            if _opened_in(request.POST) not in (None, talk.conversation.pk):
                raise guide.AlreadyFinished
            guide.finish(conversation=talk.conversation, by=request.user)
            then = "Next time, ask how it went." if talk.choices else "You can talk about it again at any time."
            messages.success(request, f"Finished. {then}")
    return redirect("referrals:client_referrals", client_id=client_id)


def _talk(request: StaffRequest, client_id: int, stage: str) -> Talk:
    client = client_or_404(request, client_id)
    conversation = Conversation.objects.visible_to(request.user).filter(client=client).open().first()
    going_on = list(Referral.objects.visible_to(request.user).filter(client=client).open().with_state().with_lead())
    if conversation is not None:
        conversation.client = client
    for each in going_on:
        each.client = client
    choices = [each for each in going_on if conversation is not None and each.conversation_id == conversation.pk]
    others = [each for each in going_on if each not in choices]
    return Talk(request, client, stage, conversation, sorted(choices, key=lambda each: each.choice or 0), others)


def _opened_in(data: Any) -> int | None:
    """The conversation that the page was opened in (templates/referrals/guide/_talk.html)."""
    return outside.number(data.get("talk"), lowest=1)


def _is_kept(talk: Talk, form: DangerForm, remember: Callable[..., object]) -> bool:
    """Whether the answers of a step were kept. Of a conversation that was finished meanwhile only a danger is, at once:
    then it need not be ticked again.
    """
    known: dict[str, Any] = {"client": talk.client, "talk": _opened_in(form.data), "by": talk.request.user}
    is_right, danger = form.is_valid(), bool(form.cleaned_data.get("reports_danger"))
    try:
        with refusal_on(form, but=(guide.FinishedMeanwhile,)):
            if is_right:
                remember(**known, **form.cleaned_data)
                return True
            guide.check_goes_on(**known, reports_danger=danger)
    except guide.FinishedMeanwhile as refusal:
        if danger:
            left = talk.request.POST.copy()
            left.pop("reports_danger")
            form.data = left
            messages.warning(talk.request, "The danger you reported is kept: it is a safety concern.")
        form.add_error(None, refusal.sentence)
    return False


def _tried(talk: Talk, data: Any) -> HttpResponse:
    told = talk.conversation
    form = TriedForm(data, initial={"tried": told.tried, "words": told.tried_words} if told else None)
    if data is not None and _is_kept(talk, form, guide.remember_tried):
        return talk.on()
    return talk.page(form=form, known=tried_before.known(client=talk.client, by=talk.request.user, besides=told))


def _concerns(talk: Talk, data: Any) -> HttpResponse:
    told = talk.conversation
    form = ConcernsForm(data, initial={"concerns": told.concerns, "words": told.concerns_words} if told else None)
    if data is not None and _is_kept(talk, form, guide.remember_concerns):
        return talk.on()
    answers = [
        {"key": box.data["value"], "label": box.choice_label, "box": box, "words": talk.words[str(box.data["value"])]}
        for box in form["concerns"]
    ]
    return talk.page(form=form, answers=answers)


def _choose(talk: Talk, data: Any) -> HttpResponse:
    request = talk.request
    if data is not None:
        with refusal_as_message(request):
            _take(talk, data)
        return redirect(request.get_full_path())
    program, fit = request.GET.get("program", ""), request.GET.get("fit", "")
    program = program if program in Fellowship.values else ""
    fit = fit if fit in concerns.ALL_FITS else ""
    return talk.page(
        ring=guide.ring(talk.client.pk),
        program=program,
        program_label=Fellowship(program).label if program else "",
        fit=fit,
        fits=_fits(talk),
        most=MOST_CHOICES,
        full=len(talk.choices) >= MOST_CHOICES,
        handout_url=handout.address_for(talk.client, talk.choices),
        chosen={each.lead.pk for each in talk.choices if each.lead},
        helped=tried_before.helped(client=talk.client, by=request.user, besides=talk.conversation),
        offered=talk.others,
        **(_meetings(talk, program, fit) if program or fit else {}),
    )


def _fits(talk: Talk) -> list[tuple[str, str, str]]:
    """Each way to narrow the meetings: its key, its words, and why it may matter to this client."""
    asked = talk.conversation.concerns if talk.conversation else []
    why = dict.fromkeys(asked, "Their concern")
    if Language.SPANISH in languages.named(talk.client):
        why[concerns.SPANISH] = "On their record"
    return [(key, narrow.label, why.get(key, "")) for key, narrow in concerns.ALL_FITS.items()]


def _take(talk: Talk, data: Any) -> None:
    """Choose what was sent, or take it off the list."""
    request = talk.request
    guide.check_goes_on(client=talk.client, talk=_opened_in(data), by=request.user)
    if (number := outside.number(data.get("put_back"))) is not None:
        row = next((each for each in talk.choices if each.pk == number), None)
        if row is None:
            raise Http404
        guide.put_back(referral=row, by=request.user)
    elif (number := outside.number(data.get("meeting"))) is not None:
        meeting = get_object_or_404(Meeting.objects.visible_to(request.user), pk=number)
        guide.choose(client=talk.client, meeting=meeting, by=request.user)
    elif data.get("fellowship") in Fellowship.values:
        guide.choose(client=talk.client, fellowship=data["fellowship"], by=request.user)
    else:
        raise Http404


def _meetings(talk: Talk, program: str, fit: str) -> dict[str, object]:
    """Meetings near where the client lives, the nearest first; those that may be near, but nobody knows how far; and
    those online, the soonest first. Without a ZIP code, the soonest first, wherever they are.
    """
    among = Meeting.objects.visible_to(talk.request.user).leads_for(talk.request.user)
    if fit:
        among = concerns.ALL_FITS[fit].narrow(among)
    asked: dict[str, Any] = {"program": program or None, "now": timezone.now(), "among": among}
    start = nearest_home(talk.client)
    near = start.place if start else ""
    here = {"near": near, "within_km": _NEAR_KM, **asked} if near else asked
    nearest, unlocated, online = answer(
        together(
            rows(finder.find(online=False, **here)[:_SHOWN]),
            rows(off_the_map.unlocated(online=False, **here)[:_SHOWN]) if near else known([]),
            rows(finder.find(online=True, **asked)[:_SHOWN]),
        )
    )
    for listed in (nearest, unlocated, online):
        _say(talk.client, listed)
    return {"near": near, "here": nearest, "unlocated": unlocated, "online": online}


def _say(client: Client, listed: list[Any]) -> None:
    """Give each its time in words and how far it is."""
    for each in listed:
        if each.next_start is not None:
            each.said = clock_words.said(each.next_start, there=each.zone, reader=client.zone, whose=client.called)
        if each.distance_km is not None:
            each.miles = each.distance_km / KM_PER_MILE


def _call(talk: Talk, data: Any) -> HttpResponse:
    request = talk.request
    asked = _asked_about(talk, data)
    chosen = Referral.objects.visible_to(request.user).filter(
        pk__in=[each.pk for each in (*talk.choices, *([asked] if asked else []))]
    )
    first = talk.choices[0].pk if talk.choices else None
    form = CallForm(data, choices=chosen.with_lead().select_related("client__clinic"), initial={"referral": first})
    if data is not None and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            with refusal_on(form, but=(referring.ReferralClosed,)):
                referring.link(by=request.user, **said)
                return talk.on()
        except referring.ReferralClosed as refusal:
            return closed_meanwhile(request, said["referral"], form, refusal)
    today = timezone.localdate(timezone=talk.client.clinic.zone)
    signed = Consent.objects.visible_to(request.user).filter(
        client=talk.client, type=Consent.Type.MUTUAL_HELP_VOLUNTEER
    )
    return talk.page(
        form=form,
        consents=list(signed.in_force(today)[:MOST_CHOICES]) if can(request.user, Permission.CONSENT_VIEW) else None,
    )


def _day(talk: Talk, data: Any) -> HttpResponse:
    request = talk.request
    reach, asked = reach_of(request, talk.client), _asked_about(talk, data)
    if data is not None and asked is None:
        raise Http404
    plans = []
    for each in (*talk.choices, *([asked] if asked and asked not in talk.choices else [])):
        is_asked = each == asked
        form = plan_form(each, data if is_asked else None, prefix=f"plan{each.pk}", reach=reach)
        ask_about(form, talk.client)
        if is_asked and form.is_valid():
            try:
                with refusal_on(form, but=(referring.ReferralClosed,)):
                    referring.plan(referral=each, by=request.user, **form.cleaned_data)
                    messages.success(request, "The date is set. You’ll get a reminder to ask how it went.")
                    return redirect("referrals:guide_stage", client_id=talk.client.pk, stage=talk.stage)
            except referring.ReferralClosed as refusal:
                return closed_meanwhile(request, each, form, refusal)
        plans.append({"referral": each, "form": form})
    return talk.page(plans=plans, reach=reach)


def _asked_about(talk: Talk, data: Any) -> Referral | None:
    """The client's referral that a form is about, also after somebody else finished the conversation or took it off:
    what was typed is about it all the same.
    """
    number = outside.number(data.get("referral")) if data is not None else None
    if number is None:
        return None
    known = next((each for each in (*talk.choices, *talk.others) if each.pk == number), None)
    if known is not None:
        return known
    rows = Referral.objects.visible_to(talk.request.user).filter(client=talk.client, pk=number)
    found = rows.with_state().with_lead().first()
    if found is not None:
        found.client = talk.client
    return found


STAGES: dict[str, Callable[[Talk, Any], HttpResponse]] = {
    "tried": _tried,
    "concerns": _concerns,
    "choose": _choose,
    "call": _call,
    "day": _day,
}

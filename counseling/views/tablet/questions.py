"""The tablet's own pages: one question at a time, limited to the handover of its session."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from functools import wraps
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from counseling.measures import AnswerNotAllowed
from counseling.models import Handover
from counseling.tablet import handover, tablet_session
from counseling.tablet.handover import Question
from staff import outside
from staff.access import public

WARNED_BEFORE = datetime.timedelta(minutes=2)
CHOOSE = "Choose an answer, or “I’d rather not answer”."
DECLINED = "declined"


def while_open(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view this session's open handover; if there is none, redirect to the page that says so."""

    @wraps(view)
    def opened(request: HttpRequest, **number: int) -> HttpResponse:
        out = tablet_session.handover_of(request)
        if out is None or out.ended_at is not None:
            return redirect("counseling:tablet")
        tablet_session.only_the_questions(request)
        try:
            return view(request, out, **number)
        except handover.Closed:
            return redirect("counseling:tablet")

    return opened


@public
@require_safe
def tablet(request: HttpRequest) -> HttpResponse:
    """Where every URL leads: the start, the next question, or the end. Not a tablet: the usual home page."""
    out = tablet_session.handover_of(request)
    if out is None:
        request.session.pop(tablet_session.TOKEN, None)
        return redirect("/")
    tablet_session.only_the_questions(request)
    if out.ended_at is not None:
        return _ended(request, out)
    asked = handover.questions(out)
    if asked and not any(each.is_reached for each in asked):
        return _page(request, out, "counseling/tablet/begin.html", {"count": len(asked)})
    upcoming = _upcoming(asked)
    return redirect("counseling:tablet_question", upcoming) if upcoming else redirect("counseling:tablet_look_over")


@public
@require_http_methods(["GET", "HEAD", "POST"])
@while_open
def question(request: HttpRequest, out: Handover, number: int) -> HttpResponse:
    """One question. Its answer is saved at once; the next page is the next question."""
    asked = handover.questions(out)
    if not 1 <= number <= (_upcoming(asked) or len(asked)):
        return redirect("counseling:tablet")
    this, fault = asked[number - 1], ""
    looking_over = "look-over" in request.POST or "look-over" in request.GET
    if request.method == "POST":
        fault = _take(out, this, request.POST.get("answer", ""))
        if not fault and (looking_over or number == len(asked)):
            return redirect("counseling:tablet_look_over")
        if not fault:
            return redirect("counseling:tablet_question", number + 1)
    context = {"question": this, "count": len(asked), "fault": fault, "looking_over": looking_over}
    back = f"{number}-change" if looking_over else str(number)
    response = _page(request, out, "counseling/tablet/question.html", context | {"declined": DECLINED}, back=back)
    response.status_code = 422 if fault else 200
    return response


@public
@require_safe
@while_open
def look_over(request: HttpRequest, out: Handover) -> HttpResponse:
    """All answers, each with a way back to its question, before they are handed in."""
    asked = handover.questions(out)
    parts = [(words, list(some)) for words, some in groupby(asked, key=lambda each: each.introduction)]
    context: dict[str, object] = {"parts": parts, "upcoming": _upcoming(asked)}
    return _page(request, out, "counseling/tablet/look_over.html", context, back="answers")


@public
@require_POST
@while_open
def done(request: HttpRequest, out: Handover) -> HttpResponse:  # noqa: ARG001
    """The client is done, with all questions or with as many as they liked."""
    handover.finish(handover=out)
    return redirect("counseling:tablet")


@public
@require_http_methods(["GET", "HEAD", "POST"])
@while_open
def still_there(request: HttpRequest, out: Handover) -> HttpResponse:
    """Before the time runs out: more of it, for the asking (WCAG 2.2.1)."""
    back = request.POST.get("back", "") or request.GET.get("back", "")
    if request.method == "POST":
        handover.stay(handover=out)
        return redirect(_back_to(back))
    context = {"may_stay": out.closes_at < out.ends_at, "back": back, "back_url": _back_to(back)}
    response = render(request, "counseling/tablet/still_there.html", context)
    return _goes_on(response, out.closes_at, "counseling:tablet")


@public
@require_POST
def staff(request: HttpRequest) -> HttpResponse:
    """“Staff” was pressed: open the sign-in page, and only that page."""
    if tablet_session.handover_of(request) is not None:
        request.session[tablet_session.STAFF] = True
    return redirect("account_login")


def _back_to(page: str) -> str:
    """The URL of the page that asked “Are you still there?”: a question, a changed one, or the answers."""
    if page == "answers":
        return reverse("counseling:tablet_look_over")
    written, _, looking_over = page.partition("-")
    number = outside.number(written, highest=999)
    if number is None:
        return reverse("counseling:tablet")
    address = reverse("counseling:tablet_question", args=[number])
    return f"{address}?look-over=1" if looking_over else address


def _upcoming(asked: list[Question]) -> int | None:
    """The number of the first unanswered question."""
    return next((each.number for each in asked if not each.is_reached), None)


def _take(out: Handover, this: Question, said: str) -> str:
    """Save the answer; returns what is wrong with it, or an empty string."""
    if not said:
        return CHOOSE
    try:
        handover.answer(handover=out, question=this, choice=None if said == DECLINED else said)
    except AnswerNotAllowed:
        return CHOOSE
    return ""


def _page(
    request: HttpRequest, out: Handover, template: str, context: dict[str, object], *, back: str = ""
) -> HttpResponse:
    """A page of the open questions; shortly before the time runs out, the page that says so replaces it.

    `back` names the page, so a client who asks for more time returns to it.

    In that last stretch, the page says so itself and is not replaced.
    """
    warns_at = out.closes_at - WARNED_BEFORE
    closing = timezone.now() >= warns_at
    response = render(request, template, context | {"closing": closing})
    if closing:
        return _goes_on(response, out.closes_at, "counseling:tablet")
    return _goes_on(response, warns_at, "counseling:tablet_still_there", query=f"?back={back}" if back else "")


def _ended(request: HttpRequest, out: Handover) -> HttpResponse:
    """The last page. Supportive words are shown as long as the client is likely to be reading them."""
    until = out.ended_at + datetime.timedelta(minutes=out.idle_minutes) if out.ended_at else timezone.now()
    speaks = timezone.now() < until and handover.asks_for_more(out)
    response = render(request, "counseling/tablet/ended.html", {"how": out.ended_how, "speaks": speaks})
    return _goes_on(response, until, "counseling:tablet") if speaks else response


def _goes_on(response: HttpResponse, at: datetime.datetime, page: str, *, query: str = "") -> HttpResponse:
    """Make the browser go to another page by itself at a set time: a header, because scripts may be off."""
    seconds = max(1, math.ceil((at - timezone.now()).total_seconds()))
    response["Refresh"] = f"{seconds}; url={reverse(page)}{query}"
    return response

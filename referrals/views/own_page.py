"""The private page: no sign-in, no script, no name, and nothing that says what it is about."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from referrals import own_plans, own_reports, private_links
from referrals.own_page_form import OwnPageForm
from referrals.own_page_words import WORDS
from reminders import languages
from staff import client_address
from staff.access import public
from staff.too_often import is_too_often, was_too_often

GUESSES_A_MINUTE = 20  # closed pages that one address may open; then no page opens for it
GUESSED = "referrals.own_page"


@public
@never_cache
@sensitive_post_parameters()
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def own_page(request: HttpRequest, token: str) -> HttpResponse:
    """The questions, and thanks for the answer. Opening it changes nothing; what is not open looks all the same."""
    address = client_address.counted(request)
    if was_too_often(GUESSED, address, most=GUESSES_A_MINUTE):
        return _closed(request)
    try:
        if request.method == "POST":
            return _answered(request, token)
        return _questions(request, private_links.open_link(token))
    except private_links.Closed:
        is_too_often(GUESSED, address, most=GUESSES_A_MINUTE)
        return _closed(request)


def _answered(request: HttpRequest, token: str) -> HttpResponse:
    link = private_links.known(token)
    if link is None:
        raise private_links.Closed
    language = languages.of(link.follow_through.referral.client)
    form = OwnPageForm(request.POST, language=language)
    if not form.is_valid():
        return _questions(request, private_links.open_link(token), form)
    report, danger = own_reports.answer(token=token, language=language, **form.answers)
    page = "referrals/own_page/danger.html" if danger is not None else "referrals/own_page/thanks.html"
    said = {"words": WORDS[language], "language": language, "asked_again": own_plans.is_asked_again(report)}
    return _page(request, page, said)


def _questions(request: HttpRequest, link: private_links.PrivateLink, form: OwnPageForm | None = None) -> HttpResponse:
    language = languages.of(link.follow_through.referral.client)
    context = {
        "words": WORDS[language],
        "language": language,
        "form": form or OwnPageForm(language=language),
        "strengths": [str(number) for number in range(11)],
        "sent_as": (form.data.get("sent_as", "") if form else "") or secrets.token_hex(16),
    }
    # The origin alone, and only of the form: with no referrer at all, browsers don't say where a form comes from.
    response = _page(request, "referrals/own_page/questions.html", context, referrer="strict-origin")
    response.status_code = 422 if form is not None else 200
    return response


def _closed(request: HttpRequest) -> HttpResponse:
    response = _page(request, "referrals/own_page/closed.html", {"language": "en"})
    response.status_code = 404
    return response


def _page(
    request: HttpRequest, template: str, context: dict[str, object], *, referrer: str = "no-referrer"
) -> HttpResponse:
    response = render(request, template, context)
    response["Referrer-Policy"] = referrer
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response

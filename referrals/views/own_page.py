"""The private page: no sign-in, no script, no name, and nothing that says what it is about."""

from __future__ import annotations

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from cases.models import Client
from referrals import asked_about, own_plans, own_reports, private_links
from referrals.own_page_form import OwnPageForm
from referrals.own_page_words import WORDS
from reminders import languages, meaning
from staff import client_address
from staff.access import public
from staff.too_often import is_too_often, was_too_often

log = logging.getLogger("onward.referrals")

GUESSES_A_MINUTE = 20  # closed pages that one address may open; then no page opens for it
GUESSED = "referrals.own_page"
LONGEST_READ = 4_000  # characters of a line that are searched for danger; the form takes 300
IN = "in"  # the language that the reader chose, in the address and in the button of a form that was not sent yet


class OwnPage(HttpResponse):
    """A page that shows nothing of anybody: not kept, not indexed, not framed, and no other site sees its address."""

    def __init__(self, template: str, context: dict[str, object], *, status: int = 200) -> None:
        # Without the request: what other pages show of a session, a clinic or a product has no place here.
        super().__init__(render_to_string(template, context), status=status)
        self["Referrer-Policy"] = "no-referrer"
        self["X-Robots-Tag"] = "noindex, nofollow"
        self["X-Frame-Options"] = "DENY"
        add_never_cache_headers(self)


# No token against forged forms: the address itself is a secret of 130 bits that no other site has, and the page acts
# for nobody who is signed in. A cookie for it would stay on the phone for a year, and where cookies are blocked (in the
# browsers inside other apps) an answer, or a cry for help, would end in a refusal. So nor is Origin asked for.
@csrf_exempt
@public
@never_cache
@sensitive_post_parameters()
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def own_page(request: HttpRequest, token: str) -> HttpResponse:
    """The questions, and thanks for the answer. Opening it changes nothing; what is not open looks all the same."""
    if request.method == "POST" and (said := _danger_in(request)) is not None:
        return _in_danger(request, token, said)
    address = client_address.counted(request)
    if was_too_often(GUESSED, address, most=GUESSES_A_MINUTE):
        return closed()
    try:
        if request.method == "POST":
            return _answered(request, token)
        return _questions(request, private_links.open_link(token))
    except private_links.Closed:
        is_too_often(GUESSED, address, most=GUESSES_A_MINUTE)
        return closed()


def closed(*, status: int = 404) -> HttpResponse:
    """What every address shows that opens nothing, in both languages."""
    return OwnPage("referrals/own_page/closed.html", {"language": "en"}, status=status)


def failed(request: HttpRequest, *, status: int) -> HttpResponse:
    """Instead of any other page of errors below this address (referrals.middleware).

    Who is in danger sees 988, and the care team is told if the link can still be read in the address.
    """
    if (cry := heard(request, status=status)) is not None:
        return cry
    if status == 429 or status >= 500:
        return OwnPage("referrals/own_page/failed.html", {"language": "en"}, status=status)
    return closed(status=status)


def heard(request: HttpRequest, *, status: int) -> HttpResponse | None:
    """911 and 988 for who is in danger, whatever else becomes of the request; None if nothing says so."""
    if request.method == "POST" and (said := _danger_in(request)) is not None:
        return _danger_page(said.language, told=_told_all_the_same(request, said), status=status)
    return None


def _danger_in(request: HttpRequest) -> meaning.Reading | None:
    """What the line says, if it is about danger, whatever else the form lacks; None for a form that can't be read."""
    try:
        typed = "\n".join(request.POST.getlist("line"))[:LONGEST_READ]
    except Exception:  # too long, cut off, not a form at all
        return None
    reading = meaning.read_own(typed)
    return reading if reading.danger is not None else None


def _in_danger(request: HttpRequest, token: str, said: meaning.Reading) -> HttpResponse:
    """Tell the care team of it first, on its own: a form that is not complete, or a closed link, takes nothing away.

    Nor do too many guesses from this address. Of a link that is none nobody can be told.
    """
    link = private_links.known(token) or private_links.known_in(request.path)
    if link is None:
        return _danger_page(said.language, told=False)
    own_reports.tell_of_danger(link=link, said=said)
    try:
        return _answered(request, token, in_danger=True)
    except private_links.Closed:
        return _danger_page(_language(request, link.follow_through.referral.client), told=True)


def _told_all_the_same(request: HttpRequest, said: meaning.Reading) -> bool:
    """Whether the care team was told by a link in an address that is not quite one: in capitals, or with more after it.

    An error may have come before it, and may come again: 988 is shown in any case.
    """
    try:
        link = private_links.known_in(request.path)
        if link is not None:
            own_reports.tell_of_danger(link=link, said=said)
    except Exception as error:
        log.warning("Danger on a private page could not be told (%s)", type(error).__name__)
        return False
    return link is not None


def _danger_page(language: str, *, told: bool, status: int = 200) -> HttpResponse:
    return OwnPage(
        "referrals/own_page/danger.html", {"words": WORDS[language], "language": language, "told": told}, status=status
    )


def _answered(request: HttpRequest, token: str, *, in_danger: bool = False) -> HttpResponse:
    link = private_links.known(token)
    if link is None:
        raise private_links.Closed
    language = _language(request, link.follow_through.referral.client)
    if request.POST.get(IN) in WORDS:  # the other language, please: what was typed so far stays
        typed = {name: request.POST.get(name, "") for name in OwnPageForm.base_fields}
        return _questions(request, private_links.open_link(token), OwnPageForm(initial=typed), in_danger=in_danger)
    form = OwnPageForm(request.POST, language=language)
    if not form.is_valid():
        return _questions(request, private_links.open_link(token), form, in_danger=in_danger)
    report, danger = own_reports.answer(token=token, language=language, **form.answers)
    if danger is not None:
        return _danger_page(language, told=True)
    said = {"words": WORDS[language], "language": language, "asked_again": own_plans.is_asked_again(report)}
    return OwnPage("referrals/own_page/thanks.html", said)


def _questions(
    request: HttpRequest, link: private_links.PrivateLink, form: OwnPageForm | None = None, *, in_danger: bool = False
) -> HttpResponse:
    language = _language(request, link.follow_through.referral.client)
    other = languages.Language.ENGLISH if language == languages.Language.SPANISH else languages.Language.SPANISH
    about = asked_about.of_plans([link.follow_through_id]).get(link.follow_through_id)
    words = WORDS[language]
    context = {
        "words": words,
        "language": language,
        "attended": str(words["attended"]).format(day=f" {about.on(language)}" if about else ""),
        "other": other.value,
        "other_name": WORDS[other]["name"],
        "form": form or OwnPageForm(language=language),
        "was_sent": form is not None,
        "in_danger": in_danger,
        "told": True,
        "strengths": [str(number) for number in range(11)],
        "sent_as": (form["sent_as"].value() if form else "") or secrets.token_hex(16),
    }
    return OwnPage(
        "referrals/own_page/questions.html", context, status=422 if form is not None and form.is_bound else 200
    )


def _language(request: HttpRequest, client: Client) -> languages.Language:
    """As the reader chose; else of the client's record; where that has neither or both, of their browser."""
    for chosen in (request.POST.get(IN), request.GET.get(IN)):
        if chosen in WORDS:
            return languages.Language(chosen)
    recorded = languages.named(client)
    if len(recorded) == 1:
        return recorded[0]
    for tag, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")[:200].lower()):
        if tag.partition("-")[0] in WORDS:
            return languages.Language(tag.partition("-")[0])
    return languages.of(client)

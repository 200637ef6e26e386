"""Forms submitted after the session ended: what was typed stays on the page and can be submitted again.

Otherwise the response would be a sign-in page, and the text would be lost with its request. It is not stored anywhere:
it is in hidden fields of the response, as it was in the page that sent it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.csrf import csrf_failure as refuse

# never sent back to a browser, and asked for anew by the form that wants them
SECRETS = frozenset({"csrfmiddlewaretoken", "password", "credential", "code", "login"})


def signed_out(request: HttpRequest) -> HttpResponse:
    """For users who are not signed in: the sign-in page, or after submitting a form, that form to send again.

    A script that asks for part of a page is refused without content; otherwise it would insert the sign-in page.
    """
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    if request.method != "POST" or request.headers.get("X-Autosave") or not _carried(request):
        return redirect_to_login(request.get_full_path(), reverse("account_login"))
    return _once_more(request)


def outdated(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For a form with a token from an earlier sign-in (`CSRF_FAILURE_VIEW`): the form to send again, if it is our own.

    A form that another site made the browser send is refused as usual.
    """
    if request.method == "POST" and request.user.is_authenticated and _from_here(request) and _carried(request):
        return _once_more(request)
    return refuse(request, reason=reason)


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, str(v)) for name, values in request.POST.lists() if name not in SECRETS for v in values]


def _from_here(request: HttpRequest) -> bool:
    """Whether the browser itself says that the form came from one of our pages; if it says nothing, no."""
    origin = request.headers.get("Origin", "")
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    return urlsplit(origin).netloc == request.get_host()


def elsewhere(request: HttpRequest, address: str, why: str) -> HttpResponse | None:
    """What was sent to a page that has another address now: the form to send there, with `why` in a sentence.

    None for what a script sent, which couldn't show it. For the middleware after the check of the form's token.
    """
    if request.headers.get("HX-Request") or request.headers.get("X-Autosave"):
        return None
    return _once_more(request, address=address, why=why, status=409) if _carried(request) else None


def _once_more(request: HttpRequest, *, address: str = "", why: str = "", status: int = 403) -> HttpResponse:
    context = {
        "carried": _carried(request),
        "had_files": bool(request.FILES),
        "address": address or request.get_full_path(),
        "why": why,
    }
    response = render(request, "staff/send_again.html", context, status=status)
    add_never_cache_headers(response)
    return response

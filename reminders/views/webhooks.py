"""Where the phone company reports and passes on replies. No one signs in here: every request is signed."""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from reminders import webhooks
from staff import client_address, outside
from staff.access import public

log = logging.getLogger("onward.reminders")

NOTHING_TO_SAY = "<Response/>"  # TwiML: no answer by this way; ours go out like every message


@public
@csrf_exempt
@require_POST
def incoming(request: HttpRequest) -> HttpResponse:
    """A text to a clinic's number."""
    sent = _signed(request)
    if isinstance(sent, HttpResponse):
        return sent
    webhooks.take_message(sent, timezone.now())
    return HttpResponse(NOTHING_TO_SAY, content_type="text/xml")


@public
@csrf_exempt
@require_POST
def status(request: HttpRequest) -> HttpResponse:
    """What became of a message that we sent."""
    sent = _signed(request)
    if isinstance(sent, HttpResponse):
        return sent
    key, tried_at = (outside.text(request.GET.get(name, "")) for name in ("key", "tried"))
    webhooks.take_report(sent, key, tried_at, timezone.now())
    return HttpResponse(NOTHING_TO_SAY, content_type="text/xml")


def _signed(request: HttpRequest) -> dict[str, str] | HttpResponse:
    """The fields of a request that the account's token signed, or the refusal, which is logged without its content."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return HttpResponseForbidden(
            "Only over HTTPS.", content_type="text/plain"
        )  # not redirected: it was sent in plain
    address = client_address.counted(request)
    length = outside.number(request.headers.get("Content-Length") or "0")
    if length is None or length > webhooks.LONGEST:
        return HttpResponse(status=413)
    try:
        fields = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        fields = []
    root = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    signature = request.headers.get("X-Twilio-Signature", "")
    if fields and webhooks.is_signed(f"{root}{request.get_full_path()}", fields, signature):
        return dict(fields)
    if webhooks.refused_too_often(address):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    log.warning("Refused a request to %s: not signed by the phone provider", request.path)
    return HttpResponse("Not signed.", status=403, content_type="text/plain")

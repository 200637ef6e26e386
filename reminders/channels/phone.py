"""Texts and calls over the HTTP API of Twilio, and of providers that speak it.

The API takes no idempotency key, so a message may have been taken although no answer came. Then `MayHaveArrived` is
raised, and before a repetition the provider is asked what it has for that number, text and time (`has_text`,
`has_call`). docs/decisions/0017 says why this is not Twilio's own package.
"""

from __future__ import annotations

import base64
import datetime
import email.message
import html
import http.client
import json
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from reminders import number_facts, wording
from reminders.channels.interface import (
    BROKEN_OFF,
    MayHaveArrived,
    Message,
    Misconfigured,
    NoProvider,
    NotMade,
    TryLater,
    Undeliverable,
)
from reminders.phone_codes import BUSY, NOT_DELIVERED, NOT_SENT, OUR_ACCOUNT, OUT_OF_REACH, in_words
from staff import outside

log = logging.getLogger("onward.reminders")

A_MINUTE = datetime.timedelta(minutes=1)
LONGEST_WAIT = 86_400  # seconds: a provider that asks for more has something wrong
UNTIL_MENDED = datetime.timedelta(minutes=15)
OUT_OF_REACH_FOR = datetime.timedelta(minutes=30)
CLOCKS_DIFFER_BY = datetime.timedelta(minutes=2)
IN_A_DAY = datetime.timedelta(days=1)
LISTED = 50  # messages to one number; far more than it can have got in a day


def send_text(message: Message) -> None:
    """Send a text message. Raises like `channels.send`."""
    _post("Messages", message, {"Body": message.body})


def place_call(message: Message) -> None:
    """Call and say the text. Raises like `channels.send`."""
    _post("Calls", message, {"Twiml": spoken(message), "Timeout": "30"})


def has_text(message: Message) -> bool | None:
    """Whether the provider took this text; None if it can't say. Raises Undeliverable if it failed there."""
    taken = _taken("Messages", message)
    return None if taken is None else _is_there(message, [each for each in taken if _says(each, message.body)])


def has_call(message: Message) -> bool | None:
    """Whether the provider took this call; None if it can't say. Raises Undeliverable if it failed there.

    A call's words are not on record there: what others said by phone to the same number is counted off.
    """
    taken = _taken("Calls", message)
    made, in_doubt = message.others
    if taken is None or made < len(taken) <= made + in_doubt:
        return None
    return len(taken) > made if made else _is_there(message, taken)


def spoken(message: Message) -> str:
    """What the voice says, as TwiML: the text twice, then the number digit by digit."""
    said = html.escape(wording.aloud(message.body))
    digits = ", ".join(" ".join(part) for part in re.findall(r"\d+", message.spoken_number))
    spanish = message.language == "es"
    number = f"El número es {digits}." if spanish else f"The number is {digits}."
    say = f'<Say language="{"es-US" if spanish else "en-US"}">'
    once = f'<Pause length="1"/>{say}{said}</Say>'
    return f"<Response>{once}{once}{say}{number}</Say></Response>"


def callback(message: Message) -> str:
    """Where the provider reports what became of a message: which one, and of which try."""
    if not settings.PUBLIC_URL:
        return ""
    key, tried_at = message.idempotency_key.partition("@")[0], timezone.now().isoformat()
    query = urlencode({"key": key, "tried": tried_at})
    return f"{settings.PUBLIC_URL}{reverse('reminders:message_status')}?{query}"


def _post(resource: str, message: Message, fields: Mapping[str, str]) -> None:
    if not message.sender_number:
        raise NoProvider("this clinic has no number for texts and calls")
    sent = {"To": message.to, "From": message.sender_number, **fields}
    if where := callback(message):
        sent["StatusCallback"] = where
    try:
        status, headers, answer = _ask(resource, "POST", sent)
    except SoftTimeLimitExceeded:
        raise  # the task is to end; it is in doubt as well
    except urllib.error.URLError as error:
        if isinstance(error.reason, NotMade):
            raise error.reason from error
        raise MayHaveArrived from error
    except (http.client.HTTPException, *BROKEN_OFF) as error:
        raise MayHaveArrived from error
    if status < 300:
        try:
            with transaction.atomic():
                number_facts.mended(message.sender_number)
        except DatabaseError as error:  # the message was taken, whatever becomes of our note
            log.warning("That the provider's account works again was not kept (%s)", type(error).__name__)
        return
    _refused(status, headers, answer, message)


def _refused(status: int, headers: Mapping[str, str], answer: Mapping[str, Any], message: Message) -> None:
    """Say in an exception what the provider's refusal means, and write down what it teaches about the number."""
    code = str(answer.get("code") or status)
    if status == 429 or code in BUSY:
        raise TryLater("the provider asks us to wait", wait=_retry_after(headers))
    if code in OUT_OF_REACH:
        raise TryLater("the phone is off or out of reach", wait=OUT_OF_REACH_FOR)
    if code in NOT_SENT:
        number_facts.learn(sender_number=message.sender_number, value=message.to, code=code)
        raise Undeliverable(NOT_SENT[code].words)
    if status in (401, 403, 404) or code in OUR_ACCOUNT:
        why = OUR_ACCOUNT.get(code, "it does not accept the account")
        number_facts.tell_administrators(message.sender_number, f"{why} ({code})")
        raise Misconfigured(f"the provider can’t be used: {why} ({code})", wait=UNTIL_MENDED)
    if status >= 500:
        # “Sending an SMS or triggering an outbound call [is] not idempotent. If you get a 500 Server Error […] and you
        # retry […], it is possible for a customer to receive multiple messages”: https://www.twilio.com/docs/errors/20500
        wait = _retry_after(headers) if "retry-after" in headers else None
        why = f"the provider had a fault ({status}) and did not say whether it took the message"
        raise MayHaveArrived(why, wait=wait)
    raise Undeliverable(f"the provider refused the message ({code})")


def _is_there(message: Message, taken: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of these is on its way or arrived. Raises Undeliverable if all there are have failed."""
    failed = [each for each in taken if each.get("status") in NOT_DELIVERED]
    if failed and len(failed) == len(taken):
        code, status = str(failed[0].get("error_code") or ""), str(failed[0]["status"])
        number_facts.learn(sender_number=message.sender_number, value=message.to, code=code)
        raise Undeliverable(f"not delivered: {in_words(code, status=status)}")
    return bool(taken)


def _says(row: Mapping[str, Any], body: str) -> bool:
    return str(row.get("body", "")).strip() == body.strip()


def _taken(resource: str, message: Message) -> list[Mapping[str, Any]] | None:
    """What the provider took for this number since; None if it can't say."""
    since = (message.since or timezone.now() - IN_A_DAY) - CLOCKS_DIFFER_BY
    asked = {"To": message.to, "From": message.sender_number, "PageSize": str(LISTED)}
    try:
        status, _, answer = _ask(resource, "GET", asked)
    except (OSError, http.client.HTTPException) as error:
        log.warning("The provider could not be asked what it has (%s)", type(error).__name__)
        return None
    found = answer.get(resource.lower())
    if status != 200 or not isinstance(found, list):
        return None
    return [row for row in found if isinstance(row, dict) and _made_since(row, since)]


def _made_since(row: Mapping[str, Any], since: datetime.datetime) -> bool:
    """By the day it was created: DateSent is empty while a message waits in the provider's own queue."""
    try:
        made = parsedate_to_datetime(str(row.get("date_created")))
    except ValueError:
        return True  # rather one not repeated than a double
    return (made if made.tzinfo else made.replace(tzinfo=datetime.UTC)) >= since


def _ask(resource: str, method: str, fields: Mapping[str, str]) -> tuple[int, Mapping[str, str], dict[str, Any]]:
    """One request: status, headers by lower-case name, and parsed body; an answer that says no is no exception here."""
    address = f"{settings.TWILIO_API_URL}/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT_SID}/{resource}.json"
    form = urlencode(fields)
    account = f"{settings.TWILIO_ACCOUNT_SID}:{settings.TWILIO_AUTH_TOKEN}".encode()
    request = urllib.request.Request(  # noqa: S310  # an address from our own settings
        f"{address}?{form}" if method == "GET" else address,
        data=form.encode() if method == "POST" else None,
        headers={"Authorization": f"Basic {base64.b64encode(account).decode()}", "Accept": "application/json"},
        method=method,
    )
    try:
        with _opener.open(request, timeout=settings.TWILIO_TIMEOUT) as answer:
            return answer.status, _lowered(answer.headers), _parsed(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _lowered(error.headers), _parsed(error.read())


def _lowered(headers: email.message.Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


class _Connecting:
    """Tells errors of connecting, before anything was sent, from those that come after. For a connection class."""

    def connect(self) -> None:
        """Connect, TLS included. Raises NotMade."""
        try:
            super().connect()  # type: ignore[misc]
        except OSError as error:
            raise NotMade(type(error).__name__) from error


class _Plain(_Connecting, http.client.HTTPConnection):
    pass


class _Secure(_Connecting, http.client.HTTPSConnection):
    pass


class _OverHttp(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Plain, req)


class _OverHttps(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Secure, req)  # verified, as is the default without a context


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A message is never handed to another address than the one we know."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """None: the redirection is an answer like any other that says no."""


_opener = urllib.request.build_opener(_NoRedirects, _OverHttp, _OverHttps)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _retry_after(headers: Mapping[str, str]) -> datetime.timedelta:
    seconds = outside.number(str(headers.get("retry-after") or ""), highest=LONGEST_WAIT)
    return A_MINUTE if seconds is None else datetime.timedelta(seconds=seconds)

"""Text messages by the table's own provider over HTTP, which promises nothing about keys."""

from __future__ import annotations

import datetime
import http.client
import json

from django.conf import settings

from reminders import channels


def send(message: channels.Message) -> None:
    """Hand it over. Raises as `channels.send` expects: TryLater with the provider's Retry-After, Undeliverable."""
    line = http.client.HTTPConnection("127.0.0.1", settings.FAULTS_HTTP_PORT, timeout=settings.EMAIL_TIMEOUT)
    try:
        said = json.dumps({"to": message.to, "body": message.body})
        line.request("POST", "/messages", said, {"Idempotency-Key": message.idempotency_key})
        answer = line.getresponse()
        status, wait = answer.status, int(answer.headers.get("Retry-After", "0"))
    finally:
        line.close()
    if status in (429, 503) and wait:
        raise channels.TryLater(str(status), wait=datetime.timedelta(seconds=wait))
    if 400 <= status < 500 and status != 429:
        raise channels.Undeliverable(f"refused ({status})")
    if status >= 400:
        raise OSError(f"the provider answered {status}")

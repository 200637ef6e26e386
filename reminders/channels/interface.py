"""What every provider takes and raises."""

from __future__ import annotations

import datetime
import smtplib
from dataclasses import dataclass

from celery.exceptions import SoftTimeLimitExceeded


class Undeliverable(Exception):
    """The provider will never take this message; trying again is pointless."""


class TryLater(Exception):
    """The provider is busy and says when to come back."""

    def __init__(self, message: str, *, wait: datetime.timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class Misconfigured(TryLater):
    """The provider refuses our account or our number: every message would fail alike until someone mends it."""


class NotMade(ConnectionError):
    """The connection was never made, or broke off before anything of the message left: it may be repeated."""


class MayHaveArrived(Exception):
    """The provider did not say whether it took the message: the connection ended after it was handed over.

    `wait`: when to ask it again at the earliest, if it says so.
    """

    def __init__(self, message: str = "", *, wait: datetime.timedelta | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class NoProvider(Undeliverable):
    """No provider carries messages on this channel."""


# What a library raises when that happens. A connection that was never made (refused, no such host, NotMade) is not
# among them. A library that has the same error for both, as all have for a time-out, is asked in which part it came.
BROKEN_OFF = (
    TimeoutError,
    ConnectionResetError,
    ConnectionAbortedError,
    BrokenPipeError,
    smtplib.SMTPServerDisconnected,
    SoftTimeLimitExceeded,
)
IN_DOUBT = (MayHaveArrived, *BROKEN_OFF)  # after these, nobody knows whether the provider took it


@dataclass(frozen=True)
class Message:
    """A message to send. Every attempt has the same `idempotency_key`, so a duplicate can be dropped.

    `sender_number` is the clinic's own number for texts and calls (E.164), and `spoken_number` the one to call back, as
    it is shown. `since` is when an earlier try began of which nobody knows what became: `look_up` asks the provider
    what it took from then on. `others` counts what else went to the same number on this channel since: what was taken,
    and what may have been.
    """

    to: str
    subject: str
    body: str
    sender_name: str
    idempotency_key: str
    sender_number: str = ""
    spoken_number: str = ""
    language: str = "en"
    since: datetime.datetime | None = None
    others: tuple[int, int] = (0, 0)

"""Email, through Django's backend."""

from __future__ import annotations

import contextlib
import smtplib
from email.utils import formataddr, parseaddr
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from reminders import reply_addresses
from reminders.channels.interface import BROKEN_OFF, Message, NotMade, Undeliverable


def send_email(message: Message) -> None:
    """Send through Django's email backend. The Message-ID is the idempotency key; replies have their own address.

    Until the server is told that the text comes (DATA), nothing of it has left, and most of what takes long comes
    before: connecting, signing in, checks of the address. What breaks off there is NotMade; what breaks off later may
    have arrived.
    """
    server, text_left = get_connection(), False

    def notes_data(smtp: smtplib.SMTP) -> None:
        data = smtp.data

        def noted(text: Any) -> Any:
            nonlocal text_left
            text_left = True
            return data(text)

        smtp.data = noted  # type: ignore[method-assign, assignment]

    try:
        server.open()
        smtp = getattr(server, "connection", None)
        if isinstance(smtp, smtplib.SMTP):
            notes_data(smtp)
        else:
            text_left = True  # a backend that does not say how far it came
        _hand_over(message, server)
    except SoftTimeLimitExceeded:
        raise
    except BROKEN_OFF as error:
        if text_left:
            raise
        raise NotMade(type(error).__name__) from error
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):  # whether it was taken is known by now
            server.close()


def _hand_over(message: Message, server: BaseEmailBackend) -> None:
    reply_to = reply_addresses.address_for(message.idempotency_key)
    try:
        EmailMessage(
            subject=message.subject,
            body=message.body,
            from_email=formataddr((message.sender_name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
            to=[message.to],
            reply_to=[reply_to] if reply_to else None,
            headers={"Message-ID": f"<{message.idempotency_key}>", "Auto-Submitted": "auto-generated"},
            connection=server,
        ).send(fail_silently=False)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if all(code >= 500 for code in codes):
            raise Undeliverable("the address does not accept messages") from error
        raise
    except smtplib.SMTPResponseException as error:
        if error.smtp_code >= 550 and isinstance(error, (smtplib.SMTPDataError, smtplib.SMTPSenderRefused)):
            raise Undeliverable(f"refused by the mail server ({error.smtp_code})") from error
        raise

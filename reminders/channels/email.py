"""Email, through Django's backend."""

from __future__ import annotations

import smtplib
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from reminders import reply_addresses
from reminders.channels.interface import Message, Undeliverable


def send_email(message: Message) -> None:
    """Send through Django's email backend. The Message-ID is the idempotency key; replies have their own address."""
    reply_to = reply_addresses.address_for(message.idempotency_key)
    try:
        EmailMessage(
            subject=message.subject,
            body=message.body,
            from_email=formataddr((message.sender_name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
            to=[message.to],
            reply_to=[reply_to] if reply_to else None,
            headers={"Message-ID": f"<{message.idempotency_key}>", "Auto-Submitted": "auto-generated"},
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

"""HELP, the keyword: answered with the number to call, once a day. It is a person's own message, so it is answered at
any hour and after an opt-out (CTIA Messaging Principles, 5.1.1)."""

from __future__ import annotations

import datetime
import logging

from django.db import transaction

from reminders import channels, wording
from reminders.models import HelpAnswer
from staff import phones
from staff.models import Clinic

log = logging.getLogger("onward.reminders")


def answer(*, clinic: Clinic, contact_value: str, language: str, at: datetime.datetime) -> bool:
    """Send the clinic's help line, unless it went there today. Returns whether it left.

    Marked before it is sent: a crash costs the answer and never sends two.
    """
    with transaction.atomic():
        row, is_first = HelpAnswer.objects.get_or_create(
            clinic=clinic, contact_value=contact_value, on=HelpAnswer.day(clinic, at), defaults={"asked_at": at}
        )
    if not is_first:
        return False
    body = wording.render(wording.HELP_LINE.within(language), {"number": phones.spoken(clinic.phone)})
    try:
        channels.answer(to=contact_value, body=body, clinic=clinic, key=f"help-{row.pk}")
    except Exception as error:  # a person reads the message, too
        log.warning("Help line %s: not sent (%s)", row.pk, type(error).__name__)
        return False
    return True

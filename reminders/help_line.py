"""HELP, the keyword: answered with the number to call, once a day. It is a person's own message, so it is answered at
any hour and after an opt-out (CTIA Messaging Principles, 5.1.1)."""

from __future__ import annotations

import datetime
import logging

from celery.exceptions import SoftTimeLimitExceeded

from reminders import channels, wording
from reminders.models import HelpAnswer
from staff import phones
from staff.models import Clinic

log = logging.getLogger("onward.reminders")

ANSWER_WITHIN = datetime.timedelta(hours=1)  # later it would come out of nowhere; a person reads the message, too


def ask(*, clinic: Clinic, contact_value: str, language: str, at: datetime.datetime) -> bool:
    """Write down that someone asked. Returns whether it is the first time that day: then `answer_due` sends it.

    Nothing leaves here: whoever reads a reply does so in a transaction.
    """
    _, is_first = HelpAnswer.objects.get_or_create(
        clinic=clinic,
        contact_value=contact_value,
        on=HelpAnswer.day(clinic, at),
        defaults={"asked_at": at, "language": language},
    )
    return is_first


def answer_due(now: datetime.datetime) -> int:
    """Send the clinic's help line to whoever asked for it. Returns how many left.

    Each is marked before it is sent: a crash costs the answer and never sends two.
    """
    waiting = HelpAnswer.objects.filter(answered_at=None, asked_at__gt=now - ANSWER_WITHIN, asked_at__lte=now)
    return sum(_answer(row, now) for row in waiting.select_related("clinic").order_by("asked_at", "pk"))


def _answer(row: HelpAnswer, now: datetime.datetime) -> bool:
    if not HelpAnswer.objects.filter(pk=row.pk, answered_at=None).update(answered_at=now):
        return False
    body = wording.render(wording.HELP_LINE.within(row.language), {"number": phones.spoken(row.clinic.phone)})
    try:
        key = f"help-{row.pk}"
        channels.answer(to=row.contact_value, body=body, clinic=row.clinic, key=key, language=row.language)
    except SoftTimeLimitExceeded:
        raise  # the task is to end
    except Exception as error:  # a person reads the message, too
        log.warning("Help line %s: not sent (%s)", row.pk, type(error).__name__)
        return False
    return True

"""Replies about danger: answered at once with 911 and 988, and shown to staff before anything else.

One text with 911 and 988 answers the person's own message. It goes out at any hour, even to someone who has opted out,
because it answers their own message; it says nothing about the clinic. Several messages within minutes get one answer.
The answer alone helps no one: the reply comes first on Today until someone records what was done.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import re
import zoneinfo

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from cases.models import Client, ContactPoint
from cases.safety import DangerRows, Row, RowSource, SafetyFact
from reminders import channels, wording
from reminders.crisis_words import Danger
from reminders.meaning import Asks, Reading, read_own
from reminders.models import CrisisReply
from reminders.thresholds import CRISIS_ANSWER_AGAIN
from staff.access import Permission, demand
from staff.acts import act
from staff.days import day_in_words
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal

log = logging.getLogger("onward.reminders")

ANSWER_WITHIN = datetime.timedelta(hours=1)  # later it would come out of nowhere; people have it on Today
LATELY = datetime.timedelta(days=1)  # so long HELP, or AYUDA, from someone in danger is heard as more of it
_NUMBER = re.compile(r"\+[1-9]\d{7,14}")


class SayWhatWasDone(Refusal):
    """The next reader has to know."""

    sentence = "Enter what was done: whom you reached and what you agreed."


class DoneAlready(Refusal):
    """A colleague was faster."""

    sentence = "Someone already recorded what was done. Reload the page."


def record(
    *,
    clinic: Clinic,
    contact_value: str,
    reading: Reading,
    at: datetime.datetime,
    source_key: str = "",
    client: Client | None = None,
    only: Client | None = None,
    answered_at: datetime.datetime | None = None,
) -> list[CrisisReply]:
    """Store a reply about danger for each client this number or address reaches, or for no one if there is none.

    Any of several clients may have written it, so staff check on each of them. `client` is who got the message that it
    answers, if that is known. `only`: whose words they are, for certain; nothing of them is kept under anybody else,
    whoever shares the number. `answered_at`: 911 and 988 were shown to them already, and no text is sent.
    """
    if only is not None:
        clients: list[Client | None] = [only]
    else:
        ids = whose(clinic, contact_value) | ({client.pk} if client is not None else set())
        clients = [*Client.objects.filter(pk__in=ids).order_by("pk")] or [None]
    key = source_key[:200] or _unique(contact_value, at, reading.words)
    kept = []
    with transaction.atomic():
        _take_turns(contact_value)
        same = CrisisReply.objects.filter(clinic=clinic, contact_value=contact_value[:254], source_key=key)
        before = {reply.client_id: reply for reply in same}
        for one in clients:
            with act("reminders.crisis_reply", by=None, clinic=clinic, client=one) as entry:
                reply = before.get(one.pk if one is not None else None)
                created = reply is None
                if reply is None:
                    reply = CrisisReply.objects.create(
                        clinic=clinic,
                        client=one,
                        contact_value=contact_value[:254],
                        source_key=key,
                        is_shared=len(clients) > 1,
                        words=reading.words[:2000],
                        danger=reading.danger or CrisisReply.Danger.VIOLENCE,
                        language=reading.language,
                        received_at=at,
                        answered_at=answered_at,
                    )
                entry.about(reply, danger=reply.danger, created=created)
            kept.append(reply)
    return kept


def answer_due(now: datetime.datetime) -> int:
    """Answer who was not answered yet. Returns how many answers left; any number of calls send each once.

    One whom another worker is just answering is passed over, so a slow provider keeps one worker busy and not all.
    """
    waiting = CrisisReply.objects.filter(
        answered_at=None, answer_failed="", resolved_at=None, received_at__gt=now - ANSWER_WITHIN, received_at__lte=now
    )
    values = waiting.order_by().values_list("clinic", "contact_value").distinct()
    return sum(_answer(clinic_id, value, now) for clinic_id, value in values)


def said_lately(*, clinic: Clinic, contact_value: str, at: datetime.datetime) -> Danger | None:
    """The danger of the last reply from there that was answered with 988 and that nobody has seen to yet.

    The answer says to text AYUDA to 988. Who is in need may send it back to us: then it is no question about messages.
    """
    lately = CrisisReply.objects.open().filter(
        clinic=clinic, contact_value=contact_value, answered_at__isnull=False, received_at__range=(at - LATELY, at)
    )
    last = lately.order_by("received_at", "pk").last()
    return Danger(last.danger) if last is not None else None


def resolve(*, reply: CrisisReply, what_was_done: str, by: StaffMember) -> CrisisReply:
    """Record what was done for this person; it closes replies from the same number up to this one.

    Raises SayWhatWasDone, DoneAlready.
    """
    demand(by, Permission.CRISIS_ANSWER, reply)
    if not what_was_done.strip():
        raise SayWhatWasDone
    with act("reminders.crisis_resolved", by=by, clinic=reply.clinic, client=reply.client) as entry:
        same = CrisisReply.objects.open().filter(
            clinic=reply.clinic_id, client=reply.client_id, contact_value=reply.contact_value
        )
        done = same.filter(received_at__lte=reply.received_at).update(
            resolved_at=timezone.now(), resolved_by=by, what_was_done=what_was_done.strip()[:500]
        )
        if not done:
            raise DoneAlready
        entry.about(reply, replies=done)
    reply.refresh_from_db()
    return reply


_SHARED = " shared"


def _queries(clients: QuerySet[Client]) -> list[DangerRows]:
    said = Case(
        When(is_shared=True, then=Concat("danger", Value(_SHARED))), default=F("danger"), output_field=CharField()
    )
    return [DangerRows("reply", CrisisReply.objects.filter(client__in=clients), "received_at", word=said)]


def _fact(row: Row) -> SafetyFact:
    _, pk, client_id, zone, at, _, said, key = row
    day = day_in_words(timezone.localdate(at, zoneinfo.ZoneInfo(zone)))
    shared = " from a number that several clients share" if said.endswith(_SHARED) else ""
    danger = CrisisReply(danger=said.removesuffix(_SHARED)).danger_words
    page = reverse("reminders:crisis_reply", args=[client_id, pk])
    return SafetyFact(client_id, at, f"A reply on {day}{shared} mentions {danger}.", page, record=key)


# Messages about danger from clients, or from someone who shares their number (settings.SAFETY_SOURCES).
safety_facts = RowSource(_queries, _fact, frozenset({"reply"}), ("reminders.crisis_reply",))


def page(reply: CrisisReply) -> str:
    """The page to read it and record what was done."""
    if reply.client_id is None:
        return reverse("reminders:crisis_reply_of_nobody", args=[reply.pk])
    return reverse("reminders:crisis_reply", args=[reply.client_id, reply.pk])


def whose(clinic: Clinic, contact_value: str) -> set[int]:
    """The ids of all clients of the clinic that this number or address reaches now."""
    points = ContactPoint.objects.current().filter(client__clinic=clinic, normalized=contact_value)
    return set(points.filter(client__merged_into=None).values_list("client_id", flat=True))


def _answer(clinic_id: int, value: str, now: datetime.datetime) -> bool:
    """Send the answer and write down that it left, under a lock on the number: two workers never send two.

    A worker that dies in between leaves it to be sent again, with the same idempotency key: rather twice than never.
    """
    with transaction.atomic():
        if not _is_our_turn(value):
            return False
        own = CrisisReply.objects.filter(clinic=clinic_id, contact_value=value)
        waiting = own.filter(answered_at=None, answer_failed="", received_at__gt=now - ANSWER_WITHIN)
        newest = waiting.select_related("clinic").order_by("received_at", "pk").last()
        if newest is None:
            return False
        again = datetime.timedelta(minutes=CRISIS_ANSWER_AGAIN.for_clinic(newest.clinic))
        before = own.filter(answered_at__gt=newest.received_at - again).order_by("answered_at").last()
        # Who sends us the keyword that the answer names for 988 would wait for nothing.
        if before is not None and read_own(newest.words).asks != Asks.HELP:
            waiting.update(answered_at=before.answered_at)
            return False
        if why_not := _cannot_be(value):
            waiting.update(answer_failed=why_not)
            return False
        try:
            body = wording.in_danger(newest.language)
            channels.answer(
                to=value, body=body, clinic=newest.clinic, key=f"safety-{newest.pk}", language=newest.language
            )
        except SoftTimeLimitExceeded:
            raise  # the task is to end; it is answered by the next
        except channels.Undeliverable as error:
            waiting.update(answer_failed=str(error)[:200])
            return False
        except Exception as error:  # tried again in a minute; people have it on Today meanwhile
            log.warning("Crisis reply %s: no answer yet (%s)", newest.pk, type(error).__name__)
            return False
        waiting.update(answered_at=now)
        return True


def _take_turns(value: str) -> None:
    """Two workers with one number wait for each other; the lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('reminders.crisis'), hashtext(%s))", [value])


def _is_our_turn(value: str) -> bool:
    """The same without waiting: whether nobody else is at this number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('reminders.crisis'), hashtext(%s))", [value])
        return bool(cursor.fetchone()[0])


def _cannot_be(value: str) -> str:
    """Why nothing can be sent there: not a number or address; empty if it is one."""
    if "@" not in value:
        return "" if _NUMBER.fullmatch(value) else "this isn’t a valid phone number"
    try:
        validate_email(value)
    except ValidationError:
        return "this isn’t a valid email address"
    return ""


def _unique(contact_value: str, at: datetime.datetime, words: str) -> str:
    """A key for a reply without one: the same words from the same number at the same moment are one."""
    digest = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]
    return f"{contact_value[:60]} {at.isoformat()} {digest}"

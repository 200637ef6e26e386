"""Opting out: whoever says stop, in whatever words, gets no more messages at that number or address.

47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel, unsubscribe, or any other reasonable wording counts;
one confirmation within five minutes is allowed. Here it takes effect at once.
"""

from __future__ import annotations

import datetime
import logging
import re

from django.utils import timezone

from cases.models import Client, ContactPoint
from reminders import channels, staff_tasks
from reminders.models import Channel, OptOut
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal

log = logging.getLogger("onward.reminders")

CONFIRM_WITHIN = datetime.timedelta(minutes=5)
CONFIRMATION = "You will get no more messages from us at this address."

_KEYWORDS = frozenset(
    {"stop", "stopall", "stop all", "quit", "end", "revoke", "opt out", "optout", "opt-out", "cancel", "unsubscribe"}
    | {"remove", "alto", "basta", "parar", "arret"}
)
_POLITE = re.compile(r"\b(please|pls|plz|thanks|thank you|now|ok|okay|hi|hello|por favor)\b")
_WRITING = r"(?:text\w*|messag\w*|msgs?|e-?mail\w*|remind\w*|contact\w*|send\w*|writ\w*|call|calls|calling)"
_PHRASES = re.compile(
    r"\bopt(?:ing|ed)?(?: me)?[ -]?out\b|\bunsubscribe\b|\bleave me alone\b|\bwrong (?:number|person)\b"
    r"|\bstop (?:it|this|that|bothering|already)\b|\bi (?:revoke|withdraw)\b"
    r"|\b(?:remove|take|delete) (?:me|my (?:number|e-?mail|address))\b"
    rf"|\b(?:stop|quit|end|cancel|revoke|cease|no more|don'?t|do not|never)\b(?:\W+\w+){{0,2}}?\W+{_WRITING}\b"
    rf"|\b(?:don'?t|not|no longer) want\b(?:\W+\w+){{0,4}}?\W+{_WRITING}\b"
)
_NOT_ABOUT_MESSAGES = re.compile(r"\b(?:cancel|end|quit) (?:my|the|our|this) (?:appointment|visit|call)\b")


class NotOptedOut(Refusal):
    """There is nothing to take back."""

    sentence = "This number or address is not opted out."


def means_stop(words: str) -> bool:
    """Whether a reply asks for no more messages, in the law's keywords or any reasonable wording.

    In doubt it does: a message too few is put right by a call, a message too many is not.
    """
    said = _plain(words)
    if _is_keyword(said) or said.startswith(("stop ", "unsubscribe ")):
        return True
    return bool(_PHRASES.search(_NOT_ABOUT_MESSAGES.sub(" ", said)))


def _plain(words: str) -> str:
    return words.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").strip()


def _is_keyword(said: str) -> bool:
    return " ".join(re.sub(r"[^\w\s-]", " ", _POLITE.sub(" ", said)).split()) in _KEYWORDS


def receive(*, clinic: Clinic, contact_value: str, words: str, at: datetime.datetime) -> OptOut | None:
    """Take in a reply to a message. An opt-out counts from this call on; a person reads all but bare keywords.

    `contact_value` is normalized, as in the client's contacts. Returns the opt-out in force, or None.
    """
    opt_out = None
    if means_stop(words):
        opt_out = _opt_out(clinic=clinic, contact_value=contact_value, words=words, at=at, by=None)
        if _is_keyword(_plain(words)):
            return opt_out
    client = _whose(clinic, contact_value)
    said = f"A reply came to a reminder. Read it and see whether it asks for something: “{words.strip()[:200]}”"
    with act("reminders.receive_reply", by=None, clinic=clinic, client=client) as entry:
        entry.about(staff_tasks.add(clinic=clinic, client=client, at=at, sentence=said))
    return opt_out


def record(*, client: Client, contact_value: str, words: str, by: StaffMember) -> OptOut:
    """Record that the client told somebody here to stop writing to a number or address."""
    demand(by, Permission.REMINDER_VIEW, client)
    return _opt_out(clinic=client.clinic, contact_value=contact_value, words=words, at=timezone.now(), by=by)


def lift(*, client: Client, contact_value: str, by: StaffMember) -> OptOut:
    """The client asks for messages again. Raises NotOptedOut. The consent still has to be in force for any to leave."""
    demand(by, Permission.CONSENT_MANAGE, client)
    with act("reminders.lift_opt_out", by=by, client=client) as entry:
        opt_out = (
            OptOut.objects.in_force()
            .filter(clinic=client.clinic, contact_value=contact_value)
            .select_for_update()
            .first()
        )
        if opt_out is None:
            raise NotOptedOut
        opt_out.lifted_at, opt_out.lifted_by = timezone.now(), by
        opt_out.save(update_fields=["lifted_at", "lifted_by"])
        entry.about(opt_out)
    return opt_out


def confirm_due(now: datetime.datetime) -> int:
    """Send each new opt-out by reply its one confirmation, within five minutes or never. Returns how many left.

    Marked before it is sent: a crash costs the confirmation, never sends a second.
    """
    waiting = OptOut.objects.in_force().filter(
        recorded_by=None, confirmed_at=None, received_at__gt=now - CONFIRM_WITHIN, received_at__lte=now
    )
    sent = 0
    for opt_out in waiting.select_related("clinic"):
        if not OptOut.objects.filter(pk=opt_out.pk, confirmed_at=None).update(confirmed_at=now):
            continue
        message = channels.Message(
            to=opt_out.contact_value,
            subject="Your reply",
            body=CONFIRMATION,
            sender_name=channels.sender_name(opt_out.clinic),
            idempotency_key=channels.idempotency_key(f"opt-out-{opt_out.pk}"),
        )
        try:
            channels.send(Channel.EMAIL if "@" in opt_out.contact_value else Channel.SMS, message)
        except Exception as error:  # the opt-out stands whatever becomes of its confirmation
            log.warning("Opt-out %s: no confirmation (%s)", opt_out.pk, type(error).__name__)
        else:
            sent += 1
    return sent


def _opt_out(
    *, clinic: Clinic, contact_value: str, words: str, at: datetime.datetime, by: StaffMember | None
) -> OptOut:
    client = _whose(clinic, contact_value)
    with act("reminders.opt_out", by=by, clinic=clinic, client=client) as entry:
        opt_out, created = OptOut.objects.get_or_create(
            clinic=clinic,
            contact_value=contact_value,
            lifted_at=None,
            defaults={"words": words.strip()[:300], "received_at": at, "recorded_by": by},
        )
        entry.about(opt_out, created=created)
    return opt_out


def _whose(clinic: Clinic, contact_value: str) -> Client | None:
    """The one client whom this value reaches; None where it is nobody's or several people share it."""
    ids = set(
        ContactPoint.objects.current()
        .filter(client__clinic=clinic, normalized=contact_value)
        .values_list("client_id", flat=True)
    )
    return Client.objects.get(pk=ids.pop()) if len(ids) == 1 else None

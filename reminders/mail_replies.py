"""Email replies: from the raw message to the person's own words."""

from __future__ import annotations

import datetime
import email
import email.policy
import logging
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr

from cases.models import ContactPoint
from reminders import meaning, opt_outs, reply_addresses
from reminders.models import DeliveryAttempt
from reminders.own_words import own_words, text_of_html
from staff import outside
from staff.models import Clinic

log = logging.getLogger("onward.reminders")

_ABOUT_ANOTHER = re.compile(r"^\s*(?:re|aw|sv|rv|fwd?|wg|tr|resp?)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_BY_A_MACHINE = re.compile(
    r"^\s*(?:automatic reply|auto[- ]?reply|autoreply|out of (?:the )?office|respuesta autom[áa]tica"
    r"|fuera de (?:la )?oficina"
    r"|undeliver\w+|delivery status|mail delivery|returned mail)\b",
    re.IGNORECASE,
)
_ADDRESSED_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|bounces?)@", re.IGNORECASE)


@dataclass(frozen=True)
class MailReply:
    """A parsed email. `automatic` names the mark that shows it is automatic; empty for a person's email."""

    sender: str
    text: str
    automatic: str
    message_id: str
    to: tuple[str, ...] = ()


def read(raw: bytes | EmailMessage) -> MailReply:
    """Parse a raw email, however broken: the text its reader sees, from HTML if there is nothing else."""
    message = raw if isinstance(raw, EmailMessage) else _parsed(raw)
    text = _plain(message)
    if not own_words(text):
        text = _html(message) or text
    subject = _header(message, "Subject")
    # The subject counts if there is no text, or if it is just a keyword; never our own subject with “Re: …”.
    if not _ABOUT_ANOTHER.match(subject) and (not own_words(text) or meaning.read(subject).bare):
        text = f"{subject}\n{text}"
    return MailReply(
        sender=parseaddr(_header(message, "From"))[1].lower(),
        text=text,
        automatic=_automatic(message, subject),
        message_id=_header(message, "Message-ID").strip("<> "),
        to=tuple(_header(message, name) for name in _ADDRESSED_TO),
    )


def receive(raw: bytes | EmailMessage, *, at: datetime.datetime) -> int:
    """Receive an email for the clinic whose message it answers, or every one its sender may mean. Returns how many.

    A message's own reply address says which one it was: then it comes from whoever got that, whatever address they
    write from. Automatic messages (RFC 3834: out of office, delivery reports, lists) change nothing.
    """
    reply = read(raw)
    if reply.automatic:
        log.info("A reply by mail was written by a machine (%s)", reply.automatic)
        return 0
    if message := reply_addresses.answered(reply.to):
        opt_outs.receive(
            clinic=message.clinic,
            contact_value=message.contact_value,
            words=reply.text,
            at=at,
            source_key=reply.message_id,
            reminder_id=message.reminder_id,
        )
        return 1
    clinics = _clinics(reply.sender)
    if not clinics and meaning.read(reply.text).danger:
        clinics = list(Clinic.objects.all())  # the address is unknown, and someone is still in danger
    for clinic in clinics:
        opt_outs.receive(
            clinic=clinic, contact_value=reply.sender, words=reply.text, at=at, source_key=reply.message_id
        )
    return len(clinics)


def _clinics(sender: str) -> list[Clinic]:
    """The clinics that wrote to the address, or know it."""
    if not sender:
        return []
    wrote = DeliveryAttempt.objects.filter(contact_value=sender).values("reminder__clinic")
    know = ContactPoint.objects.current().filter(normalized=sender).values("client__clinic")
    return list(Clinic.objects.filter(pk__in=wrote) | Clinic.objects.filter(pk__in=know))


def _automatic(message: EmailMessage, subject: str) -> str:
    submitted = _header(message, "Auto-Submitted").lower().partition(";")[0].strip()
    if submitted and submitted != "no":
        return "Auto-Submitted"
    for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponse", "List-Id", "List-Unsubscribe", "List-Post"):
        if message[name] is not None and _header(message, name).strip().lower() != "no":
            return name
    if _header(message, "Precedence").strip().lower() in {"bulk", "junk", "list", "auto_reply"}:
        return "Precedence"
    if message["Return-Path"] is not None and _header(message, "Return-Path").strip() in {"<>", ""}:
        return "Return-Path"
    if message.get_content_type() == "multipart/report" or _MACHINES.match(parseaddr(_header(message, "From"))[1]):
        return "a delivery report"
    return "the subject" if _BY_A_MACHINE.match(subject) else ""


def _parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, EmailMessage, policy=email.policy.default)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return outside.text(str(message[name] or ""))
    except Exception:  # the library trips over some broken headers
        return ""


def _plain(message: EmailMessage) -> str:
    return _content(message, "plain")


def _html(message: EmailMessage) -> str:
    return text_of_html(_content(message, "html"))


def _content(message: EmailMessage, kind: str) -> str:
    return outside.text(_decoded(message, kind))


def _decoded(message: EmailMessage, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() != f"text/{kind}" or part.get_content_disposition() == "attachment":
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        try:
            return payload.decode(part.get_content_charset() or "utf-8", "replace")
        except LookupError:  # an unknown charset
            return payload.decode("utf-8", "replace")
    return ""

"""A mailbox in a folder: the mail provider for development. It accepts each message once, as a good provider does."""

from __future__ import annotations

import datetime
import email
import email.policy
import html
import json
import os
import re
import tempfile
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage as Letter
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from staff import phones


class MailboxBackend(BaseEmailBackend):
    """Writes each message to MAILBOX_DIR under its Message-ID; an existing one counts as delivered."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write them. Returns how many were taken, first time or not."""
        folder = Path(settings.MAILBOX_DIR or "")
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            letter = message.message()
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as draft:
                draft.write(letter.as_bytes())
            try:
                os.link(draft.name, folder / _file_name(str(letter["Message-ID"])))
            except FileExistsError:
                pass
            finally:
                os.unlink(draft.name)
        return len(email_messages)


@dataclass(frozen=True)
class Received:
    """A message as its reader would see it."""

    name: str
    sender: str
    to: str
    subject: str
    body: str
    at: datetime.datetime
    way: str = "email"  # or sms, voice, reply: a text to the clinic

    @property
    def is_reminder(self) -> bool:
        """Whether a client may reply to it; other mail (a new password) goes to staff."""
        return self.name.startswith("reminder-") or self.way == "sms"


def letters(limit: int = 200) -> list[Received]:
    """The newest messages in the mailbox, newest first: emails, and what went by phone (demo/phone_company.py)."""
    files = [*_folder().glob("*.eml"), *_folder().glob("*.json")]
    found = sorted(files, key=lambda path: path.stat().st_mtime, reverse=True)
    return [_read(path) for path in found[:limit]]


def letter(name: str) -> Received | None:
    """One message by its file's name, or None."""
    if not re.fullmatch(r"[\w.@-]+", name):
        return None
    paths = (_folder() / f"{name}{ending}" for ending in (".eml", ".json"))
    return next((_read(path) for path in paths if path.is_file()), None)


def _folder() -> Path:
    return Path(settings.MAILBOX_DIR or "")


def _file_name(message_id: str) -> str:
    return re.sub(r"[^\w.@-]", "_", message_id.strip("<>"))[:120] + ".eml"


def _read(path: Path) -> Received:
    return _read_phone(path) if path.suffix == ".json" else _read_mail(path)


def _read_phone(path: Path) -> Received:
    kept = json.loads(path.read_text())
    is_call, is_reply = kept["kind"] == "Calls", kept["direction"] == "inbound"
    return Received(
        name=path.stem,
        sender=phones.spoken(kept["from"]),
        to=phones.spoken(kept["to"]),
        subject="Reply by text" if is_reply else "Phone call" if is_call else "Text message",
        body=_said(kept["body"]) if is_call else kept["body"],
        at=parsedate_to_datetime(kept["date_created"]),
        way="reply" if is_reply else "voice" if is_call else "sms",
    )


def _said(twiml: str) -> str:
    """What the voice says, without the marks around it."""
    return html.unescape("\n\n".join(re.findall(r">([^<]+)<", twiml)))


def reply_by_text(letter: Received, words: str, *, to_us: str) -> bool:
    """Let the demo's phone company pass on a text of whoever got this one. Returns whether the site took it."""
    kept = json.loads((_folder() / f"{letter.name}.json").read_text())
    said = {"from": kept["to"], "to": kept["from"], "body": words, "url": to_us}
    request = urllib.request.Request(f"{settings.TWILIO_API_URL}/_incoming", data=json.dumps(said).encode())  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  # nosec B310 - the demo's own
            return bool(json.loads(answer.read())["status"] == 200)
    except OSError:
        return False


def _read_mail(path: Path) -> Received:
    message = email.message_from_bytes(path.read_bytes(), Letter, policy=email.policy.default)
    body = message.get_body(("plain",))
    at = parsedate_to_datetime(str(message["Date"]))  # naive where the header says -0000, which means UTC
    return Received(
        name=path.stem,
        sender=str(message["From"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        body=body.get_content() if body else "",
        at=at if at.tzinfo else at.replace(tzinfo=datetime.UTC),
    )

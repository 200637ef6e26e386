"""A mailbox in a folder: the mail provider for development. It accepts each message once, as a good provider does."""

from __future__ import annotations

import datetime
import email
import email.policy
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage as Letter
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


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

    @property
    def is_reminder(self) -> bool:
        """Whether a client may reply to it; other mail (a new password) goes to staff."""
        return self.name.startswith("reminder-")


def letters(limit: int = 200) -> list[Received]:
    """The newest messages in the mailbox, newest first."""
    found = sorted(_folder().glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [_read(path) for path in found[:limit]]


def letter(name: str) -> Received | None:
    """One message by its file's name, or None."""
    path = _folder() / f"{name}.eml"
    return _read(path) if re.fullmatch(r"[\w.@-]+", name) and path.is_file() else None


def _folder() -> Path:
    return Path(settings.MAILBOX_DIR or "")


def _file_name(message_id: str) -> str:
    return re.sub(r"[^\w.@-]", "_", message_id.strip("<>"))[:120] + ".eml"


def _read(path: Path) -> Received:
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

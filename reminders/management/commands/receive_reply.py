import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from reminders import mail_replies


class Command(BaseCommand):
    """Receives one email reply from standard input: a mail server pipes REMINDER_REPLY_TO into this."""

    help = "Reads an email from standard input: danger, STOP and START in any wording count at once."

    def add_arguments(self, parser: CommandParser) -> None:
        """A file can be used instead of standard input."""
        parser.add_argument("file", nargs="?", help="an .eml file; standard input if left out")

    def handle(self, *args: Any, file: str | None = None, **options: Any) -> None:  # noqa: ARG002
        """Take the letter in for every clinic that wrote to its sender."""
        raw = Path(file).read_bytes() if file else sys.stdin.buffer.read()
        taken = mail_replies.receive(raw, at=timezone.now())
        self.stdout.write(
            "Reply received." if taken else "No message was sent to this address, or this is an automatic reply."
        )

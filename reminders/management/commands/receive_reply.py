import email
import email.policy
import sys
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from reminders import opt_outs
from reminders.models import DeliveryAttempt


class Command(BaseCommand):
    """Takes in one e-mail reply from standard input: a mail server pipes REMINDER_REPLY_TO into this."""

    help = "Reads an e-mail from standard input; STOP in any wording opts its sender out."

    def add_arguments(self, parser: CommandParser) -> None:
        """A file may stand in for standard input."""
        parser.add_argument("file", nargs="?", help="an .eml file; standard input if left out")

    def handle(self, *args: Any, file: str | None = None, **options: Any) -> None:  # noqa: ARG002
        """Opt the sender out of every clinic that wrote to the address, or leave the reply to a person."""
        if file:
            with open(file, "rb") as stream:
                message = email.message_from_binary_file(stream, EmailMessage, policy=email.policy.default)
        else:
            message = email.message_from_binary_file(sys.stdin.buffer, EmailMessage, policy=email.policy.default)
        sender = parseaddr(str(message["From"]))[1].lower()
        attempts = DeliveryAttempt.objects.filter(contact_value=sender).select_related("reminder__clinic")
        clinics = {attempt.reminder.clinic for attempt in attempts}
        for clinic in clinics:
            opt_outs.receive(clinic=clinic, contact_value=sender, words=first_words(message), at=timezone.now())
        self.stdout.write("Taken in." if clinics else "Nobody here wrote to this address.")


def first_words(message: EmailMessage) -> str:
    """What the person wrote above the quoted message; the subject where the text is empty."""
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    own = []
    for line in text.splitlines():
        if line.startswith(">") or line.rstrip().endswith("wrote:"):
            break
        own.append(line)
    return " ".join(" ".join(own).split()) or str(message["Subject"] or "")

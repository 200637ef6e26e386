"""A mail provider that can be told to hang before it takes a message, and that counts what it took."""

import os
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage

from reminders.mailbox import MailboxBackend


class Provider(MailboxBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAILBOX_DIR)
        (folder / f"asked-{os.getpid()}-{uuid.uuid4()}").touch()
        while (folder / "hang").exists():
            time.sleep(0.05)
        for message in email_messages:
            (folder / f"took-{message.extra_headers['Message-ID'].strip('<>')}-{uuid.uuid4()}").touch()
        return super().send_messages(email_messages)

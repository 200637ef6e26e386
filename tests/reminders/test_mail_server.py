"""Email over SMTP: a real server on this machine that falls silent at each part of the conversation."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from reminders import channels
from reminders.models import StaffTask

from .conftest import ADDRESS
from .passes import TUESDAY_10, one_pass

pytestmark = pytest.mark.usefixtures("by_email")


class MailServer(socketserver.ThreadingTCPServer):
    """`silent_at` names what it does not answer any more; `hangs_up` whether it ends the connection then."""

    daemon_threads = True
    silent_at = ""
    hangs_up = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: list[str] = []
        self.over = threading.Event()


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        if self.is_over("greeting") or not self.say("220 here"):
            return
        for line in self.rfile:
            verb = line[:4].decode().strip().upper()
            if self.is_over(verb):
                return
            if verb == "DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.taken.append(b"".join(lines).decode())
                if self.is_over("end of DATA"):
                    return
            self.say("221 bye" if verb == "QUIT" else "250 fine")
            if verb == "QUIT":
                return

    def is_over(self, part: str) -> bool:
        if part != self.server.silent_at:
            return False
        if not self.server.hangs_up:
            self.server.over.wait(10)
        return True

    def say(self, line: str) -> bool:
        return bool(self.wfile.write(f"{line}\r\n".encode()))


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES = ["inbox"]
    settings.EMAIL_TIMEOUT = 0.3
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.over.set()
        server.shutdown()


@pytest.mark.parametrize("hangs_up", [False, True])
@pytest.mark.parametrize("part", ["greeting", "EHLO", "MAIL", "RCPT"])
def test_silence_before_the_text_is_tried_again(
    schedule: Any, mail_server: MailServer, part: str, hangs_up: bool
) -> None:
    """Nothing of the message has left: no doubt, no task, and once the server is back it goes out."""
    mail_server.silent_at, mail_server.hangs_up = part, hangs_up
    reminder = schedule(TUESDAY_10)
    assert one_pass(TUESDAY_10) == ["pending"]
    assert reminder.delivery_attempts.get().outcome == "retry"
    assert not StaffTask.objects.exists()
    mail_server.silent_at = ""
    reminder.refresh_from_db()
    assert one_pass(reminder.due_at) == ["sent"]
    assert len(mail_server.taken) == 1


@pytest.mark.parametrize("hangs_up", [False, True])
def test_silence_after_the_message_was_handed_over_may_have_arrived(
    schedule: Any, mail_server: MailServer, hangs_up: bool
) -> None:
    mail_server.silent_at, mail_server.hangs_up = "end of DATA", hangs_up
    reminder = schedule(TUESDAY_10)
    assert one_pass(TUESDAY_10) == ["failed"]
    assert reminder.delivery_attempts.get().outcome == "lost"
    assert "may have arrived" in StaffTask.objects.open().get().sentence
    assert len(mail_server.taken) == 1


def test_it_is_repeated_where_the_server_drops_doubles(schedule: Any, mail_server: MailServer, settings: Any) -> None:
    settings.REMINDER_CHANNELS_THAT_DROP_DOUBLES = ["email", "inbox"]
    mail_server.silent_at = "end of DATA"
    reminder = schedule(TUESDAY_10)
    assert one_pass(TUESDAY_10) == ["pending"]
    mail_server.silent_at = ""
    reminder.refresh_from_db()
    assert one_pass(reminder.due_at) == ["sent"]
    keys = [line for each in mail_server.taken for line in each.splitlines() if line.startswith("Message-ID")]
    assert len(keys) == 2
    assert len(set(keys)) == 1


@pytest.mark.parametrize("hangs_up", [False, True])
def test_silence_after_it_was_taken_is_sent(schedule: Any, mail_server: MailServer, hangs_up: bool) -> None:
    """The server said that it has it; how the two say goodbye is of no matter."""
    mail_server.silent_at, mail_server.hangs_up = "QUIT", hangs_up
    schedule(TUESDAY_10)
    assert one_pass(TUESDAY_10) == ["sent"]
    assert len(mail_server.taken) == 1


def test_what_was_not_made_is_no_doubt_for_any_channel(robin: Any, clinic: Any, mail_server: MailServer) -> None:
    mail_server.silent_at = "greeting"
    with pytest.raises(channels.NotMade) as raised:
        channels.send("email", channels.message(clinic, to=ADDRESS, body="x", key="reminder-1"))
    assert not isinstance(raised.value, channels.BROKEN_OFF)

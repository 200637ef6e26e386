"""Each message has its own address for replies: an alias is known by it, and a guess is nobody."""

import datetime
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from cases.models import Client
from demo.phone_company import PhoneCompany
from reminders import help_line, mail_replies, opt_outs, reply_addresses
from reminders.models import CrisisReply, HelpAnswer, OptOut, Reminder, StaffTask
from staff.models import StaffMember
from tests.reminders.phones import CELL, casey, company

from .conftest import ADDRESS, reachable
from .passes import TUESDAY_10, one_pass

__all__ = ["casey", "company"]

ALIAS = "r.sample@another.example"


@pytest.fixture(autouse=True)
def _mailbox(settings: Any) -> None:
    settings.REMINDER_REPLY_TO = "replies@mail.clinic.example"


def letter(words: str, to: str, *, sender: str = ALIAS, header: str = "To") -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"], message[header] = sender, "Re: Reminder", to
    message.set_content(words)
    return message.as_bytes()


@pytest.fixture
def sent(schedule: Any) -> Reminder:
    reminder: Reminder = schedule(TUESDAY_10)
    assert one_pass(TUESDAY_10) == ["sent"]
    return reminder


def own_address() -> str:
    [address] = mail.outbox[-1].reply_to
    return str(address)


def test_every_message_has_another_address(sent: Reminder, schedule: Any) -> None:
    first = own_address()
    local, _, domain = first.partition("@")
    assert domain == "mail.clinic.example"
    assert len(local) <= 64  # RFC 5321, 4.5.3.1.1
    assert local.startswith(f"replies+reminder-{sent.pk}-")
    other = reply_addresses.address_for(f"reminder-{sent.pk + 1}@localhost")
    assert other.rpartition("-")[2] != first.rpartition("-")[2]


def test_stop_from_an_alias_stops_what_goes_to_the_address_we_wrote_to(sent: Reminder) -> None:
    assert mail_replies.receive(letter("STOP", own_address().upper()), at=TUESDAY_10) == 1
    assert OptOut.objects.get().contact_value == ADDRESS


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "Cc"])
def test_the_address_is_found_where_mail_servers_put_it(sent: Reminder, header: str) -> None:
    assert mail_replies.receive(letter("STOP", f"Replies <{own_address()}>", header=header), at=TUESDAY_10) == 1
    assert OptOut.objects.get().contact_value == ADDRESS


def test_a_question_from_an_alias_is_at_the_clients_chart(sent: Reminder, robin: Client) -> None:
    mail_replies.receive(letter("Which entrance do I take?", own_address()), at=TUESDAY_10)
    assert StaffTask.objects.get().client == robin


def test_danger_from_an_alias_is_this_clients_even_after_the_contact_has_ended(sent: Reminder, robin: Client) -> None:
    robin.contact_points.update(ended_at=TUESDAY_10)
    mail_replies.receive(letter("I want to end it all", own_address()), at=TUESDAY_10)
    assert CrisisReply.objects.get().client == robin


@pytest.mark.parametrize("change", ["x", "other", "no seal"])
def test_a_guess_is_nobody(sent: Reminder, change: str) -> None:
    whole = own_address()
    local, _, domain = whole.partition("@")
    guess = {
        "x": f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        "other": whole.replace(f"reminder-{sent.pk}", f"reminder-{sent.pk + 1}"),
        "no seal": f"replies+reminder-{sent.pk}@{domain}",
    }[change]
    assert reply_addresses.answered([guess]) is None
    assert mail_replies.receive(letter("STOP", guess), at=TUESDAY_10) == 0
    assert not OptOut.objects.exists()


def test_an_old_key_still_opens(sent: Reminder, settings: Any) -> None:
    address = own_address()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another one", [settings.SECRET_KEY]
    assert reply_addresses.answered([address]) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert reply_addresses.answered([address]) is None


def test_without_a_mailbox_there_is_no_address(settings: Any, schedule: Any) -> None:
    settings.REMINDER_REPLY_TO = ""
    schedule(TUESDAY_10)
    one_pass(TUESDAY_10)
    assert not mail.outbox[0].reply_to


class TestHelp:
    def test_it_answers_once_a_day_with_the_number_and_a_person_looks(
        self, casey: Client, company: PhoneCompany
    ) -> None:
        at = TUESDAY_10
        for minutes, words in enumerate(("HELP", "help!", "Info")):
            at = TUESDAY_10 + datetime.timedelta(minutes=minutes)
            opt_outs.receive(clinic=casey.clinic, contact_value=CELL, words=words, at=at)
            help_line.answer_due(at)
        line = "Questions about these messages? Call (555) 010-0100. Reply STOP to opt out."
        assert company.bodies() == [line]
        assert StaffTask.objects.filter(client=casey, kind="reply").count() == 3
        tomorrow = at + datetime.timedelta(days=1)
        opt_outs.receive(clinic=casey.clinic, contact_value=CELL, words="Ayuda", at=tomorrow)
        help_line.answer_due(tomorrow)
        assert company.bodies()[1].startswith("Tiene preguntas")
        assert HelpAnswer.objects.count() == 2

    def test_it_is_answered_after_stop_too_and_takes_nothing_back(self, casey: Client, company: PhoneCompany) -> None:
        opt_outs.receive(clinic=casey.clinic, contact_value=CELL, words="STOP", at=timezone.now())
        opt_outs.receive(clinic=casey.clinic, contact_value=CELL, words="HELP", at=timezone.now())
        help_line.answer_due(timezone.now())
        assert len(company.bodies()) == 1
        assert OptOut.objects.in_force().count() == 1

    def test_by_email_too(self, sent: Reminder) -> None:
        mail_replies.receive(letter("HELP", own_address()), at=TUESDAY_10)
        help_line.answer_due(TUESDAY_10)
        assert mail.outbox[-1].to == [ADDRESS]
        assert mail.outbox[-1].body.startswith("Questions about these messages?")
        assert reply_addresses.answered([own_address()]) is not None

    def test_who_needs_help_is_no_keyword(self, casey: Client, company: PhoneCompany) -> None:
        opt_outs.receive(clinic=casey.clinic, contact_value=CELL, words="help me get a ride", at=timezone.now())
        assert not HelpAnswer.objects.exists()
        help_line.answer_due(timezone.now())
        assert company.bodies() == []


def test_an_answer_goes_to_the_clinic_that_wrote(
    sent: Reminder, robin: Client, other_clinic: Any, make_client: Any, counselor: StaffMember
) -> None:
    """The same address is on record at another clinic, which hears nothing of it."""
    stranger = make_client(clinic=other_clinic)
    reachable(stranger, counselor, consented=False)
    mail_replies.receive(letter("STOP", own_address(), sender=ADDRESS), at=TUESDAY_10)
    assert [out.clinic for out in OptOut.objects.all()] == [robin.clinic]

"""Email replies: only the person's own new words count; automatic replies don't."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from django.core import mail
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.models import Client
from privacy import consents
from privacy.models import Consent
from reminders import mail_replies, opt_outs, wording
from reminders.models import CrisisReply, OptOut, StaffTask
from reminders.own_words import own_words, text_of_html
from staff.models import Clinic, StaffMember

from .conftest import ADDRESS, utc

NOW = utc(2026, 3, 3, 15)
OURS = wording.render(wording.APPOINTMENT.english, wording.SAMPLE)
MARKS = [
    ("Auto-Submitted", "auto-replied"),
    ("Auto-Submitted", "auto-generated; owner-token=1"),
    ("X-Autoreply", "yes"),
    ("X-Autorespond", "1"),
    ("Precedence", "bulk"),
    ("Precedence", "auto_reply"),
    ("Precedence", "junk"),
    ("List-Id", "<a.list.example>"),
    ("List-Unsubscribe", "<mailto:stop@list.example>"),
    ("Return-Path", "<>"),
    ("Subject", "Automatic reply: Reminder"),
    ("Subject", "Respuesta automática: Reminder"),
]
GMAIL = """<div dir="ltr">{}</div><br><div class="gmail_quote gmail_quote_container">
<div dir="ltr" class="gmail_attr">On Tue,
 Nov 3, 2026 at 10:00&#8239;AM
 Appointments &lt;<a href="mailto:a@b.example">a@b.example</a>&gt; wrote:<br></div>
<blockquote class="gmail_quote"><p>{}</p></blockquote></div>"""
OUTLOOK = """<html><head><style>p {{ stop: 1 }}</style></head><body><p>{}</p><div id="appendonsend"></div><hr>
<div id="divRplyFwdMsg"><b>From:</b> Appointments<br><b>Sent:</b> Tuesday</div><div>{}</div></body></html>"""
PLAIN_HTML = "<p>{}</p><blockquote type='cite'>{}</blockquote>"


def letter(text: str = "", *, html: str = "", sender: str = ADDRESS, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"Robin <{sender.upper()}>", "no-reply@localhost"
    for name, value in {"Subject": "Re: Reminder", **headers}.items():
        message[name.replace("_", "-")] = value
    if text or not html:
        message.set_content(text)
    if html and text:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    return message.as_bytes()


def opted_out() -> bool:
    return OptOut.objects.in_force().exists()


@pytest.mark.parametrize(
    "words",
    ["I want to stop using, please call me", "Never stop sending these", f"Yes, I will be there\n\n> {OURS}"],
)
def test_none_of_these_opts_out(words: str, robin: Client) -> None:
    assert mail_replies.receive(letter(words), at=NOW) == 1
    assert not opted_out()
    assert StaffTask.objects.get().client == robin


@pytest.mark.parametrize(("name", "value"), MARKS)
def test_an_automatic_reply_opts_nobody_out_and_cries_for_no_help(name: str, value: str, robin: Client) -> None:
    words = "I am away. In an emergency call 911. If you want to die call 988.\nSTOP"
    assert mail_replies.receive(letter(words, **{name.replace("-", "_"): value}), at=NOW) == 0
    assert not opted_out()
    assert not CrisisReply.objects.exists()
    assert not StaffTask.objects.exists()
    assert mail.outbox == []


@pytest.mark.parametrize("shape", [GMAIL, OUTLOOK, PLAIN_HTML])
@pytest.mark.parametrize("words", ["STOP", "no m&aacute;s mensajes por favor", "Please<br>stop texting me"])
def test_stop_in_html_alone_counts_at_once(shape: str, words: str, robin: Client) -> None:
    mail_replies.receive(letter(html=shape.format(words, OURS)), at=NOW)
    assert opted_out()


@pytest.mark.parametrize("shape", [GMAIL, OUTLOOK, PLAIN_HTML])
def test_yes_above_an_html_quote_is_only_yes(shape: str, robin: Client) -> None:
    mail_replies.receive(letter(html=shape.format("Yes, I will be there", OURS)), at=NOW)
    assert not opted_out()
    assert "“Yes, I will be there”" in StaffTask.objects.get().sentence


def test_the_subject_counts_where_it_is_their_own(robin: Client) -> None:
    mail_replies.receive(letter("", Subject="Re: STOP sale ends"), at=NOW)
    assert not opted_out()
    mail_replies.receive(letter("-- \nRobin", Subject="Stop"), at=NOW)
    assert opted_out()


@pytest.mark.parametrize("words", ["no more", "lose my number", "Stopp", "no más mensajes por favor"])
def test_these_stop_at_once(words: str, robin: Client) -> None:
    mail_replies.receive(letter(words), at=NOW)
    assert opted_out()


def test_an_unclear_reply_becomes_a_task_and_does_not_opt_out(robin: Client) -> None:
    mail_replies.receive(letter("too many texts"), at=NOW)
    assert not opted_out()
    task = StaffTask.objects.get()
    assert (task.kind, task.client) == (StaffTask.Kind.UNCLEAR, robin)
    assert task.sentence == (
        "The reply may ask to stop messages. Ask the client today. Messages continue until then: “too many texts”"
    )


@pytest.mark.parametrize("words", ["START", "unstop", "start again please", "empezar", "comenzar"])
def test_start_brings_back_and_says_so_once(words: str, robin: Client, clinic: Clinic) -> None:
    mail_replies.receive(letter("STOP"), at=NOW)
    mail_replies.receive(letter(words), at=NOW)
    mail_replies.receive(letter(words), at=NOW)
    assert not opted_out()
    assert OptOut.objects.get().lifted_words == words
    assert opt_outs.confirm_due(NOW) == 1
    assert opt_outs.confirm_due(NOW) == 0
    language = "es" if words in ("empezar", "comenzar") else "en"
    assert [message.body for message in mail.outbox] == [wording.OPTED_IN.within(language)]


def test_start_without_a_consent_in_force_writes_to_nobody(robin: Client, counselor: StaffMember) -> None:
    mail_replies.receive(letter("STOP"), at=NOW)
    consents.revoke(consent=Consent.objects.get(), by=counselor)
    mail_replies.receive(letter("START"), at=NOW)
    assert opt_outs.confirm_due(NOW) == 0
    assert mail.outbox == []
    assert "Ask the client to sign one" in StaffTask.objects.get().sentence


def test_a_cry_for_help_by_mail_from_nobody_we_know(clinic: Clinic) -> None:
    assert mail_replies.receive(letter("I want to die", sender="new@person.example"), at=NOW) == 1
    assert CrisisReply.objects.get().client is None
    assert [message.to for message in mail.outbox] == [["new@person.example"]]


def test_a_stranger_without_danger_changes_nothing(clinic: Clinic) -> None:
    assert mail_replies.receive(letter("STOP", sender="new@person.example"), at=NOW) == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: <>\n\nSTOP",
        b"From: =?x?q?=ff?= <a@b>\nSubject: =?utf-8?b?////?=\n\n\xff\x00stop",
        b'From: a@b.example\nContent-Type: text/plain; charset="no-such"\n\nSTOP',
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n",
        b"From: a@b.example\nContent-Type: text/html\n\n<div <blockquote><p",
    ],
)
def test_a_broken_letter_ends_in_no_error(raw: bytes, clinic: Clinic) -> None:
    mail_replies.receive(raw, at=NOW)


@pytest.mark.parametrize("html", ["<![foo[x]]><p>Please stop</p>", "<p>Please stop<![foo[", "<![x&[<p>Please stop</p>"])
def test_what_the_parser_gives_up_on_is_read_without_its_tags(html: str) -> None:
    assert "Please stop" in text_of_html(html)


@pytest.mark.parametrize("broken", ["\x00", "\ud800", "\udfff\x1f"])
def test_what_cannot_be_kept_in_a_raw_letter_is_left_out(broken: str, robin: Client) -> None:
    """The one owner of what can be kept is staff.outside."""
    raw = f"From: Ro{broken}bin <{ADDRESS}>\nMessage-ID: <a{broken}b@x.example>\n\nI want to die {broken}\n"
    for sender in (ADDRESS, f"new{broken}@person.example"):
        mail_replies.receive(raw.replace(ADDRESS, sender).encode("utf-8", "surrogatepass"), at=NOW)
    assert CrisisReply.objects.count() == 2
    assert CrisisReply.objects.filter(client=robin).count() == 1


def test_what_cannot_be_kept_is_left_out_of_all_that_a_reply_brings(robin: Client, clinic: Clinic) -> None:
    opt_outs.receive(
        clinic=clinic, contact_value=f"{ADDRESS}\x00", words="I want to die\x00", at=NOW, source_key="a\x00\ud800"
    )
    assert CrisisReply.objects.get().client == robin


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_html_is_read_without_an_error(html: str) -> None:
    text_of_html(html)


def test_zero_bytes_and_halves_of_letters_are_taken_in(robin: Client, clinic: Clinic) -> None:
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="stop\x00 texting me \ud800", at=NOW)
    assert opted_out()


BELOW = "<div>On Mar 9, 2026, Appointments wrote:</div><blockquote type='cite'>{}</blockquote><div>{}</div>"


@pytest.mark.parametrize("words", ["I want to kill myself", "STOP"])
def test_an_answer_below_a_marked_quote_is_read(words: str) -> None:
    reply = mail_replies.read(letter(html=BELOW.format(OURS, words)))
    assert own_words(reply.text).strip() == words

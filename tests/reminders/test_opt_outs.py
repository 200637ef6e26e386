"""Opting out in any words; it covers the address, whatever other consents say."""

from typing import Any

import pytest
from django.core import mail

from cases.models import Client
from reminders import delivery, help_line, meaning, opt_outs, segments, wording
from reminders.meaning import Asks
from reminders.models import OptOut, StaffTask
from staff.models import Clinic, StaffMember

from .conftest import ADDRESS, reachable, utc

STOP = """STOP|stop|Stop.|quit|END|revoke|opt out|OPT-OUT|Cancel|unsubscribe|Please stop|please stop texting me
don't text me anymore|Don’t message me again|no more messages please|STOP and thanks for all|remove me from your list
take me off this|I want to opt out|leave me alone|I do not want to get your reminders|Wrong number!|stop it
never contact me again|quit emailing me"""
OTHER = """OK|Yes, see you then|Can we make it 11?|cancel my appointment|Is there a bus stop near you?|running late
I don't have your number, call me|I will be there at the end of this week"""


@pytest.mark.parametrize("words", STOP.replace("\n", "|").split("|"))
def test_stop_in_any_reasonable_wording(words: str) -> None:
    assert meaning.read(words).asks == Asks.STOP


@pytest.mark.parametrize("words", ["", *OTHER.replace("\n", "|").split("|")])
def test_other_replies_are_read_by_a_person_instead(words: str) -> None:
    assert meaning.read(words).asks != Asks.STOP


def test_please_stop_texting_me(schedule: Any, robin: Client, clinic: Clinic) -> None:
    first = schedule(utc(2026, 3, 3, 15, 0), dedupe_key="first")
    second = schedule(utc(2026, 3, 5, 15, 0), dedupe_key="second")
    said_at = utc(2026, 3, 2, 15, 0)
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="please stop texting me", at=said_at)
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="STOP", at=utc(2026, 3, 2, 15, 1))
    assert opt_outs.confirm_due(utc(2026, 3, 2, 15, 2)) == 1
    assert opt_outs.confirm_due(utc(2026, 3, 2, 15, 3)) == 0  # one confirmation, not two
    assert [message.to for message in mail.outbox] == [[ADDRESS]]
    for now in (utc(2026, 3, 3, 15, 0), utc(2026, 3, 5, 15, 0)):
        [(reminder_id, claim)] = delivery.claim_due(now, 10)
        assert delivery.deliver(reminder_id, claim, now) == "cancelled"
    for reminder in (first, second):
        reminder.refresh_from_db()
        assert reminder.reason == "opt-out"
    assert len(mail.outbox) == 1
    assert StaffTask.objects.open().filter(reminder__isnull=False).count() == 2


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("Wrong number!", "Wrong number or address"),
        ("wrong person", "Wrong number or address"),
        ("Cancel", "may mean the visit"),
    ],
)
def test_a_bare_stop_that_says_more_counts_at_once_and_is_asked_about(
    words: str, asked: str, robin: Client, clinic: Clinic
) -> None:
    assert opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words=words, at=utc(2026, 3, 2)) is not None
    task = StaffTask.objects.get()
    assert task.client == robin
    assert asked in task.sentence
    assert task.sentence.endswith(f": “{words}”")


def test_a_bare_stop_needs_nobody(robin: Client, clinic: Clinic) -> None:
    assert opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="STOP", at=utc(2026, 3, 2)) is not None
    assert not StaffTask.objects.exists()


def test_no_confirmation_after_five_minutes(robin: Client, clinic: Clinic) -> None:
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="STOP", at=utc(2026, 3, 2, 15, 0))
    assert opt_outs.confirm_due(utc(2026, 3, 2, 15, 5)) == 0
    assert mail.outbox == []


def test_an_opt_out_outranks_another_persons_consent_for_the_same_address(
    schedule: Any, robin: Client, make_client: Any, counselor: StaffMember, clinic: Clinic
) -> None:
    """Two records of one person, one opted out and one opted in: opt-out wins."""
    from tests.factories import CareTeamMemberFactory

    other = make_client()
    CareTeamMemberFactory(client=other, staff_member=counselor)
    reachable(other, counselor)
    opt_outs.record(client=robin, contact_value=ADDRESS, words="On the phone: no more", by=counselor)
    schedule(utc(2026, 3, 3, 15, 0), client_or_staff=other)
    [(reminder_id, claim)] = delivery.claim_due(utc(2026, 3, 3, 15, 0), 10)
    assert delivery.deliver(reminder_id, claim, utc(2026, 3, 3, 15, 0)) == "cancelled"


def test_asking_for_messages_again(robin: Client, counselor: StaffMember) -> None:
    opt_outs.record(client=robin, contact_value=ADDRESS, words="stop", by=counselor)
    opt_outs.lift(client=robin, contact_value=ADDRESS, by=counselor)
    assert not OptOut.objects.in_force().exists()
    with pytest.raises(opt_outs.NotOptedOut):
        opt_outs.lift(client=robin, contact_value=ADDRESS, by=counselor)


def test_a_reply_that_is_no_stop_waits_for_a_person(robin: Client, clinic: Clinic) -> None:
    opt_out = opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="Can we make it 11?", at=utc(2026, 3, 2))
    assert opt_out is None
    assert "Can we make it 11?" in StaffTask.objects.get().sentence
    assert StaffTask.objects.get().client == robin


def test_a_reply_by_mail_is_taken_in(schedule: Any, robin: Client, tmp_path: Any) -> None:
    from django.core.management import call_command

    now = utc(2026, 3, 3, 15, 0)
    schedule(now)
    [(reminder_id, claim)] = delivery.claim_due(now, 10)
    assert delivery.deliver(reminder_id, claim, now) == "sent"
    letter = tmp_path / "reply.eml"
    letter.write_text(
        f"From: Robin <{ADDRESS.upper()}>\nTo: no-reply@localhost\nSubject: Re: Reminder\n\n"
        "Please stop.\n\nOn Tuesday somebody wrote:\n> Reply STOP to opt out.\n"
    )
    call_command("receive_reply", str(letter))
    assert OptOut.objects.in_force().get().words == "Please stop."


MARCH_2 = utc(2026, 3, 2, 15, 0)


@pytest.mark.parametrize("words", ["ALTO", "basta", "¡Basta!", "no más mensajes por favor", "dejen de escribirme"])
def test_who_says_stop_in_spanish_is_answered_in_spanish(words: str, robin: Client, clinic: Clinic) -> None:
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words=words, at=MARCH_2)
    assert opt_outs.confirm_due(MARCH_2) == 1
    [letter] = mail.outbox
    assert (letter.subject, letter.body) == ("Su respuesta", wording.OPTED_OUT.spanish)
    opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words="empezar", at=MARCH_2)
    assert opt_outs.confirm_due(MARCH_2) == 1
    assert mail.outbox[1].body == wording.OPTED_IN.spanish


@pytest.mark.parametrize(("language", "is_spanish"), [("Spanish", True), ("English", False), ("", False)])
def test_a_word_of_both_languages_is_answered_in_the_clients(
    language: str, is_spanish: bool, robin: Client, clinic: Clinic
) -> None:
    """Our Spanish messages say “Responda STOP”."""
    Client.objects.filter(pk=robin.pk).update(language=language)
    for words in ("STOP", "START", "HELP"):
        opt_outs.receive(clinic=clinic, contact_value=ADDRESS, words=words, at=MARCH_2)
        opt_outs.confirm_due(MARCH_2)
    help_line.answer_due(MARCH_2)
    said = [wording.OPTED_OUT, wording.OPTED_IN, wording.HELP_LINE]
    wanted = [each.spanish if is_spanish else each.english for each in said]
    assert [each.body.replace("(555) 010-0100", "{number}") for each in mail.outbox] == wanted


@pytest.mark.parametrize("words", STOP.replace("\n", "|").split("|"))
def test_english_is_not_taken_for_spanish(words: str) -> None:
    assert not meaning.is_spanish(words)


def test_every_spanish_keyword_is_spanish() -> None:
    spanish = """no mas|nomas|alto|basta|parar|pare|paren|detener|detengan|detenganse|cancelar|cancelen|baja|dar de baja
    |darse de baja|darme de baja|de baja|desuscribir|desuscribirme|numero equivocado|salir|no mensajes|borrenme|borreme
    |borrame|quitenme|quiteme|quitame|saquenme|saqueme|sacame|eliminenme|elimineme|eliminame|empezar|comenzar|reanudar
    |iniciar|empezar de nuevo|comenzar de nuevo|empiecen|reiniciar|suscribir|suscribirme|alta|dar de alta|ayuda"""
    listed = {each.strip() for each in spanish.split("|")}
    assert listed <= meaning._STOP_KEYWORDS | meaning._START_KEYWORDS | meaning._HELP_KEYWORDS
    assert [each for each in sorted(listed) if not meaning.is_spanish(each)] == []
    others = (meaning._STOP_KEYWORDS | meaning._START_KEYWORDS | meaning._HELP_KEYWORDS) - listed
    assert [each for each in sorted(others) if meaning.is_spanish(each)] == []


def test_what_confirms_fits_one_text_message() -> None:
    for said in (wording.OPTED_OUT, wording.OPTED_IN):
        for text in (said.english, said.spanish):
            wording.validate_body(text)
            assert segments.length(segments.as_text_message(text)).fits

"""Texts and calls: real HTTP to a phone company on this machine, that says yes, no, later, or nothing at all."""

import datetime
import socket
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail

from cases.models import Client
from demo.phone_company import Answer, Behavior, PhoneCompany
from reminders import channels, contacts, delivery, life, manual_actions, number_facts, retries
from reminders.channels import phone as provider
from reminders.models import ChannelPause, MessageTemplate, NumberFact, OptOut, StaffTask
from staff.models import Clinic, StaffMember
from tests.ownership import as_owner
from tests.reminders.phones import CELL, MINUTE, OURS, casey, company, tries

from .conftest import reachable
from .passes import TUESDAY_10, fresh, one_pass

__all__ = ["casey", "company"]

TEXT = (
    "Reminder: you have an appointment on Sunday, Mar 8 at 10:00 AM. Call (555) 010-0100. "
    "Reply C to confirm, R to change, X to cancel, STOP to opt out."
)


@pytest.fixture
def remind(casey: Client, schedule_for: Any) -> Any:
    return lambda due_at=TUESDAY_10, **fields: schedule_for(casey, due_at, **fields)


def message(clinic: Clinic, **fields: Any) -> channels.Message:
    return channels.message(clinic, **{"to": CELL, "body": TEXT, "key": "reminder-1", **fields})


def test_a_text_goes_out_once_from_the_clinics_number(remind: Any, company: PhoneCompany) -> None:
    reminder = remind()
    assert reminder.channel == "sms"
    assert one_pass(TUESDAY_10) == ["sent"]
    assert one_pass(TUESDAY_10 + MINUTE) == []
    [row] = company.taken
    assert (row["to"], row["from"], row["body"]) == (CELL, OURS, TEXT)
    assert mail.outbox == []
    assert tries(reminder) == [("sms", "sent", "")]


def test_a_call_says_the_text_twice_and_the_number_digit_by_digit(
    casey: Client, counselor: StaffMember, clinic: Clinic, company: PhoneCompany
) -> None:
    clinic.refresh_from_db()
    channels.send("voice", message(clinic, body=TEXT.replace("Sunday", "Sunday & <then>")))
    said = [each.text for each in ElementTree.fromstring(company.bodies("Calls")[0]) if each.tag == "Say"]
    text = "Reminder: you have an appointment on Sunday & <then>, Mar 8 at 10:00 AM. Call (555) 010-0100."
    assert said == [text, text, "The number is 5 5 5, 0 1 0, 0 1 0 0."]
    spanish = provider.spoken(message(clinic, body="Tiene una cita. Responda STOP para salir.", language="es"))
    assert "es-US" in spanish
    assert "Responda" not in spanish
    assert "El número es 5 5 5" in spanish


def test_without_a_number_of_the_clinic_nothing_is_asked_of_the_provider(
    remind: Any, clinic: Clinic, company: PhoneCompany
) -> None:
    Clinic.objects.update(text_number="")
    reminder = remind()
    assert one_pass(TUESDAY_10) == ["failed"]
    assert company.asked == []
    assert fresh(reminder).reason == "this clinic has no number for texts and calls"


@pytest.mark.parametrize(
    ("code", "reason", "fact"),
    [
        (21211, "this isn’t a working phone number", "unknown"),
        (21614, "this number can’t get text messages", "no_texts"),
        (30006, "this number can’t get text messages: it is a landline or out of its network", "no_texts"),
        (30005, "this isn’t a working phone number", "unknown"),
        (30004, "the phone company blocks messages to this number", "blocked"),
        (21612, "the provider can’t reach this number", None),
        (12345, "the provider refused the message (12345)", None),
    ],
)
def test_a_refusal_teaches_what_it_says_of_the_number(
    remind: Any, company: PhoneCompany, casey: Client, code: int, reason: str, fact: str | None
) -> None:
    company.behavior.refuse[CELL] = Answer(400, code)
    reminder = remind()
    assert one_pass(TUESDAY_10) == ["failed"]
    assert fresh(reminder).reason == reason
    assert StaffTask.objects.open().filter(reminder=reminder).count() == 1
    learned = NumberFact.objects.in_force().values_list("kind", "source", "contact_value")
    assert list(learned) == ([(fact, f"phone provider, code {code}", CELL)] if fact else [])
    if fact:
        again = remind(TUESDAY_10 + MINUTE, dedupe_key="again")
        asked = len(company.asked)
        one_pass(TUESDAY_10 + MINUTE)
        assert len(company.asked) == asked, "a number that can't get texts is not tried again"
        assert fresh(again).state == "cancelled"


def test_a_landline_is_called_instead_or_written_to(
    remind: Any, casey: Client, counselor: StaffMember, company: PhoneCompany
) -> None:
    """The next way in the client's order, at once; every try is in the life of the one reminder."""
    reachable(casey, counselor)
    with as_owner():
        NumberFact.objects.all().delete()
    reminder = remind()
    delivery.change_channel(reminder, channels.Channel.SMS)
    company.behavior.refuse[CELL] = Answer(400, 21614)
    assert one_pass(TUESDAY_10) == ["pending"]
    assert (fresh(reminder).channel, reminder.due_at) == ("email", TUESDAY_10)
    assert reminder.reason == "this number can’t get text messages. Next: email"
    assert one_pass(TUESDAY_10) == ["sent"]
    assert [each.to for each in mail.outbox] == [["robin@person.example"]]
    assert [each[:2] for each in tries(reminder)] == [("sms", "failed"), ("email", "sent")]
    assert not StaffTask.objects.filter(reminder=reminder).exists()
    other = remind(TUESDAY_10 + datetime.timedelta(days=1), dedupe_key="next")
    assert other.channel == "email"


def test_what_is_refused_when_it_is_of_no_use_any_more_goes_no_other_way(
    remind: Any, casey: Client, counselor: StaffMember, company: PhoneCompany
) -> None:
    """A message that says nothing else is of use for a day from its first try, on whatever way."""
    reachable(casey, counselor)
    reminder = remind()
    delivery.change_channel(reminder, channels.Channel.SMS)
    company.behavior.next.append(Answer(429, 20429, retry_after="420"))
    assert one_pass(TUESDAY_10) == ["pending"]
    company.behavior.refuse[CELL] = Answer(400, 21614)
    assert one_pass(TUESDAY_10 + datetime.timedelta(days=1, minutes=1)) == ["failed"]
    assert fresh(reminder).reason == "this number can’t get text messages"
    assert StaffTask.objects.open().filter(reminder=reminder).count() == 1


def test_what_was_learned_is_lifted_with_a_reason(
    remind: Any, casey: Client, counselor: StaffMember, company: PhoneCompany, make_staff: Any
) -> None:
    fact = number_facts.learn(sender_number=OURS, value=CELL, code="21614")
    assert isinstance(fact, NumberFact)
    assert number_facts.learn(sender_number=OURS, value=CELL, code="21614") is None
    with pytest.raises(number_facts.LiftReasonNeeded):
        number_facts.lift(fact=fact, why=" ", by=counselor)
    number_facts.lift(fact=fact, why="The number is a cell phone now", by=counselor)
    assert (fact.lifted_by, fact.lifted_why) == (counselor, "The number is a cell phone now")
    assert contacts.destination(remind(), TUESDAY_10).value == CELL
    with pytest.raises(number_facts.AlreadyLifted):
        number_facts.lift(fact=fact, why="again", by=counselor)


def test_stop_said_to_the_provider_is_an_opt_out_here(remind: Any, company: PhoneCompany) -> None:
    company.behavior.refuse[CELL] = Answer(400, 21610)
    reminder = remind()
    assert one_pass(TUESDAY_10) == ["failed"]
    assert fresh(reminder).reason == "the person has replied STOP"
    [out] = OptOut.objects.in_force()
    assert (out.contact_value, out.words) == (CELL, "STOP (phone provider, code 21610)")
    assert out.confirmed_at is not None, "the provider has confirmed it"


def test_busy_waits_as_long_as_the_provider_asks(remind: Any, company: PhoneCompany) -> None:
    company.behavior.next.append(Answer(429, 20429, retry_after="420"))
    reminder = remind()
    assert one_pass(TUESDAY_10) == ["pending"]
    assert fresh(reminder).due_at >= TUESDAY_10 + 7 * MINUTE
    assert ChannelPause.objects.get(channel="sms").until == TUESDAY_10 + 7 * MINUTE
    assert one_pass(reminder.due_at) == ["sent"]


def test_out_of_reach_is_tried_later(remind: Any, company: PhoneCompany) -> None:
    company.behavior.next.append(Answer(400, 30003))
    reminder = remind()
    assert one_pass(TUESDAY_10) == ["pending"]
    assert tries(reminder) == [("sms", "retry", "the phone is off or out of reach")]
    assert fresh(reminder).due_at >= TUESDAY_10 + 30 * MINUTE


@pytest.mark.parametrize("refusal", [Answer(401, 20003), Answer(403, 0), Answer(400, 21606)])
def test_a_refused_account_is_one_task_for_administrators_and_a_pause(
    remind: Any, company: PhoneCompany, refusal: Answer, administrator: StaffMember, counselor: StaffMember
) -> None:
    company.behavior.refuse[CELL] = refusal
    made = [remind(TUESDAY_10 + number * MINUTE, dedupe_key=f"k{number}") for number in range(3)]
    for number in range(3):
        one_pass(TUESDAY_10 + number * MINUTE)
    assert len([each for each in company.asked if each[0] == "POST"]) == 1, "the channel rests after the first"
    assert {fresh(each).state for each in made} == {"pending"}
    [task] = StaffTask.objects.open()
    assert task.sentence.startswith("Texts and calls can’t be sent: ")
    assert list(StaffTask.objects.visible_to(administrator)) == [task]
    assert not StaffTask.objects.visible_to(counselor).exists()
    company.behavior.refuse.clear()
    later = TUESDAY_10 + 20 * MINUTE
    with time_machine.travel(later, tick=False):
        assert "sent" in one_pass(later)
    task.refresh_from_db()
    assert task.done_because == "texts and calls can be sent again"


def test_a_time_out_after_accepting_sends_once(remind: Any, company: PhoneCompany, settings: Any) -> None:
    """The provider took it and never answered. It is asked what it has, and not told again."""
    settings.TWILIO_TIMEOUT = 0.3
    company.behavior.hang = 1
    reminder = remind()
    with time_machine.travel(TUESDAY_10, tick=True):
        assert one_pass(TUESDAY_10) == ["pending"]
    assert [each[1] for each in tries(reminder)] == ["lost"]
    company.behavior.hang = 0
    assert one_pass(fresh(reminder).due_at) == ["sent"]
    assert len(company.bodies()) == 1
    assert tries(reminder) == [("sms", "sent", delivery.HAS_IT), ("sms", "asked", delivery.HAS_IT)]


def test_a_time_out_before_accepting_sends_once(remind: Any, company: PhoneCompany, settings: Any) -> None:
    settings.TWILIO_TIMEOUT = 0.3
    company.behavior.slow = 1
    company.behavior.refuse[CELL] = Answer(503, 0)
    reminder = remind()
    assert one_pass(TUESDAY_10) == ["pending"]
    company.behavior = Behavior()  # the request that hangs keeps the old one
    assert one_pass(fresh(reminder).due_at) == ["sent"]
    assert len(company.bodies()) == 1
    assert [each[1] for each in tries(reminder)] == ["lost", "sent"]


def test_a_fault_of_the_provider_is_asked_about_before_it_is_repeated(remind: Any, company: PhoneCompany) -> None:
    """A 500 does not say whether the message was taken: here it was not."""
    company.behavior.next.append(Answer(500, 0))
    reminder = remind()
    assert one_pass(TUESDAY_10) == ["pending"]
    assert one_pass(fresh(reminder).due_at) == ["sent"]
    assert [each[0] for each in company.asked] == ["POST", "GET", "POST"]


def an_outage(company: PhoneCompany, *, status: int = 503) -> None:
    """It takes nothing, and can't say what it has."""
    company.behavior.refuse[CELL] = Answer(status, 0)
    company.behavior.hide = True


def minutes(first: int, last: int) -> list[int]:
    """Passes a minute apart; at which of them something was tried."""
    return [each for each in range(first, last) if one_pass(TUESDAY_10 + each * MINUTE)]


@pytest.mark.parametrize("status", [500, 503])
def test_after_an_outage_the_text_goes_out_once(
    remind: Any, company: PhoneCompany, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it can't be asked, nothing is sent and nothing is given up: three hours, one text."""
    monkeypatch.setattr(retries, "JITTER", 0)
    an_outage(company, status=status)
    reminder = remind()
    assert minutes(0, 180) == [0, 2, 12, 42, 102]
    assert fresh(reminder).state == "pending"
    assert [each[0] for each in company.asked] == ["POST", "GET", "GET", "GET", "GET"]
    assert reminder.reason == "may have arrived: the provider is asked before it is sent again"
    [task] = StaffTask.objects.open()
    assert "may have arrived: tried 4 times, still trying" in task.sentence
    company.behavior = Behavior()
    minutes(180, 400)
    assert fresh(reminder).state == "sent"
    assert len(company.bodies()) == 1
    assert [each[1] for each in tries(reminder)] == ["lost"] + ["asked"] * 4 + ["sent"]
    assert not StaffTask.objects.open().exists()


def test_what_the_provider_took_before_the_outage_is_not_sent_after_it(
    remind: Any, company: PhoneCompany, settings: Any
) -> None:
    settings.TWILIO_TIMEOUT = 0.3
    company.behavior.hang = 1
    reminder = remind()
    with time_machine.travel(TUESDAY_10, tick=True):
        assert one_pass(TUESDAY_10) == ["pending"]
    company.behavior.hang = 0
    an_outage(company)
    assert minutes(1, 60)
    company.behavior = Behavior()
    minutes(60, 400)
    assert fresh(reminder).state == "sent"
    assert len(company.bodies()) == 1
    assert tries(reminder)[0] == ("sms", "sent", delivery.HAS_IT)
    assert {each[1] for each in tries(reminder)[1:]} == {"asked"}


def test_what_was_taken_is_known_by_the_words_that_left(remind: Any, company: PhoneCompany, settings: Any) -> None:
    """The clinic changes its wording in between: the provider is asked for the text that it was given."""
    settings.TWILIO_TIMEOUT = 0.3
    company.behavior.hang = 1
    reminder = remind()
    with time_machine.travel(TUESDAY_10, tick=True):
        one_pass(TUESDAY_10)
    company.behavior.hang = 0
    MessageTemplate.objects.create(
        clinic=reminder.clinic, kind=reminder.kind, channel="sms", body="See you {day} at {time}. Call {number}."
    )
    assert one_pass(fresh(reminder).due_at) == ["sent"]
    assert company.bodies() == [TEXT]


@pytest.mark.parametrize("fields", [{}, {"not_after": TUESDAY_10 + 8 * MINUTE}])
def test_if_the_provider_cannot_say_until_it_is_of_no_use_a_person_has_it(
    remind: Any, company: PhoneCompany, supervisor: StaffMember, fields: dict[str, Any]
) -> None:
    an_outage(company)
    reminder = remind(**fields)
    assert minutes(0, 26 * 60)
    assert fresh(reminder).state == "failed"
    assert reminder.reason == delivery.MAY_HAVE_ARRIVED
    [task] = StaffTask.objects.open()
    assert "may have arrived" in task.sentence
    assert company.bodies() == []
    company.behavior = Behavior()
    posts = len([each for each in company.asked if each[0] == "POST"])
    if fields:
        return
    with time_machine.travel(TUESDAY_10 + datetime.timedelta(hours=26), tick=False):
        manual_actions.retry(reminder=reminder, reason="She has not got it", by=supervisor)
    gets = len([each for each in company.asked if each[0] == "GET"])
    assert one_pass(fresh(reminder).due_at) == ["sent"], "who sends it again knows that it may have arrived"
    assert [each[0] for each in company.asked[posts + gets :]] == ["POST"]


def test_one_in_doubt_that_became_too_late_says_so(remind: Any, company: PhoneCompany) -> None:
    """Its worker comes after the time of the appointment: “too late” alone would hide that it may be there."""
    an_outage(company)
    reminder = remind(not_after=TUESDAY_10 + 5 * MINUTE)
    assert one_pass(TUESDAY_10) == ["pending"]
    assert one_pass(TUESDAY_10 + 6 * MINUTE) == ["failed"]
    assert fresh(reminder).reason == delivery.MAY_HAVE_ARRIVED


def test_texts_in_doubt_leave_the_provider_alone_while_it_rests(remind: Any, company: PhoneCompany) -> None:
    an_outage(company)
    for number in range(8):
        remind(TUESDAY_10, dedupe_key=f"k{number}")
    for _ in range(8):
        for pk, claim in delivery.claim_due(TUESDAY_10, 1):
            delivery.deliver(pk, claim, TUESDAY_10)
    assert ChannelPause.objects.get(channel="sms").until > TUESDAY_10
    assert delivery.how_many_due(TUESDAY_10, most=10) == 0


def test_a_fault_that_asks_to_wait_is_not_asked_before(remind: Any, company: PhoneCompany) -> None:
    company.behavior.next.append(Answer(503, 0, retry_after="600"))
    reminder = remind()
    assert one_pass(TUESDAY_10) == ["pending"]
    assert fresh(reminder).due_at >= TUESDAY_10 + 10 * MINUTE


def test_told_to_stop_on_the_way_is_in_doubt_and_ends_the_task(
    remind: Any, company: PhoneCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise SoftTimeLimitExceeded

    reminder = remind()
    with monkeypatch.context() as during:
        during.setattr(provider, "_ask", stop)
        for moment in (TUESDAY_10, TUESDAY_10 + 5 * MINUTE):  # once while sending, once while asking
            with pytest.raises(SoftTimeLimitExceeded):
                one_pass(moment)
    assert fresh(reminder).state == "pending"
    assert [each[1] for each in tries(reminder)] == ["lost", "asked"]
    assert one_pass(reminder.due_at) == ["sent"]


def test_a_worker_that_died_on_the_way_is_looked_up(remind: Any, company: PhoneCompany, clinic: Clinic) -> None:
    """The text was taken, and the worker was killed before it could write that down."""
    reminder = remind()
    [(pk, claim)] = delivery.claim_due(TUESDAY_10, 1)
    ready = delivery._prepare(pk, claim, TUESDAY_10)
    assert ready is not None
    with time_machine.travel(TUESDAY_10, tick=True):
        channels.send("sms", ready[2])
    later = TUESDAY_10 + datetime.timedelta(hours=1)
    assert delivery.release_stale(later) == 1
    assert fresh(reminder).state == "pending"
    assert one_pass(later) == ["sent"]
    assert len(company.bodies()) == 1


def test_what_it_has_is_told_by_number_text_and_time(company: PhoneCompany, clinic: Clinic) -> None:
    clinic.refresh_from_db()
    assert channels.look_up("sms", message(clinic)) is False
    channels.send("sms", message(clinic))
    assert channels.look_up("sms", message(clinic)) is True
    assert channels.look_up("sms", message(clinic, body="Another text")) is False
    assert channels.look_up("sms", message(clinic, to="+15185550199")) is False
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    assert channels.look_up("sms", channels.repeated(message(clinic), tomorrow, TEXT)) is False
    assert channels.look_up("voice", message(clinic)) is False
    assert channels.look_up("email", message(clinic)) is None
    company.behavior.hide = True
    assert channels.look_up("sms", message(clinic)) is None


def test_nobody_there_is_an_error_like_any_other(remind: Any, settings: Any, company: PhoneCompany) -> None:
    settings.TWILIO_API_URL = "http://127.0.0.1:9"
    reminder = remind()
    assert one_pass(TUESDAY_10) == ["pending"]
    assert [each[1] for each in tries(reminder)] == ["retry"], "it never left, so nothing is in doubt"
    assert channels.look_up("sms", message(reminder.clinic)) is None


def test_a_time_out_while_connecting_is_no_doubt(
    remind: Any, company: PhoneCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packets are dropped: nothing was sent, so nothing can have arrived."""

    def dropped(*_: Any, **__: Any) -> None:
        raise TimeoutError

    reminder = remind()
    with monkeypatch.context() as during:
        during.setattr(socket, "create_connection", dropped)
        assert one_pass(TUESDAY_10) == ["pending"]
    assert tries(reminder) == [("sms", "retry", "NotMade")]
    assert life.plainly("NotMade") == "the provider could not be reached"
    assert one_pass(fresh(reminder).due_at) == ["sent"]
    assert [each[0] for each in company.asked] == ["POST"], "there is nothing to ask about"


def test_a_handshake_that_fails_is_no_doubt_either(remind: Any, company: PhoneCompany, settings: Any) -> None:
    settings.TWILIO_API_URL = company.url.replace("http://", "https://")
    reminder = remind()
    assert one_pass(TUESDAY_10) == ["pending"]
    assert tries(reminder) == [("sms", "retry", "NotMade")]


def test_neither_number_nor_text_is_logged(remind: Any, company: PhoneCompany, caplog: Any) -> None:
    company.behavior.next.extend([Answer(500, 0), Answer(400, 21614)])
    reminder = remind()
    one_pass(TUESDAY_10)
    one_pass(fresh(reminder).due_at)
    assert CELL not in caplog.text
    assert "appointment" not in caplog.text

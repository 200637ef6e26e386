"""Replies about danger: answered at once, and first on Today until staff record what was done."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
import zeal
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import safety
from cases.models import Client
from desk.needs import needs_of
from referrals.own_page_words import WORDS
from reminders import channels, crisis, meaning, opt_outs, wording
from reminders.models import CrisisReply, HelpAnswer, OptOut, StaffTask
from staff.models import Clinic, Role, StaffMember
from staff.needs import Urgency
from tests.factories import CareTeamMemberFactory

from .conftest import ADDRESS, reachable, utc

NIGHT = utc(2026, 3, 3, 8)  # 3 in the morning in New York
KILL = "I want to kill myself"
ANSWER = "If you are in danger call 911. To talk to someone now call or text 988."


@pytest.fixture(autouse=True)
def at_night() -> Any:
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


def say(clinic: Clinic, words: str = KILL, value: str = ADDRESS, at: datetime.datetime = NIGHT, **more: Any) -> None:
    opt_outs.receive(clinic=clinic, contact_value=value, words=words, at=at, **more)


def first_on(staff_member: StaffMember) -> Any:
    return needs_of(staff_member=staff_member, now=timezone.now())[0]


def test_it_is_answered_at_once_at_any_hour(robin: Client, clinic: Clinic) -> None:
    say(clinic)
    [message] = mail.outbox
    assert (message.to, message.body, message.subject) == ([ADDRESS], ANSWER, "Your reply")
    assert CrisisReply.objects.get().answered_at == NIGHT
    assert not StaffTask.objects.exists()  # it is more than that


@pytest.mark.parametrize("text", [wording.IN_DANGER, wording.IN_DANGER_SPANISH])
def test_the_answer_reveals_nothing(text: str) -> None:
    assert wording.revealing_words(text) == []
    assert len(text) <= wording.LONGEST
    assert "911" in text
    assert "988" in text


def test_988_answers_in_spanish_whoever_is_told_how() -> None:
    """Press 2, or text AYUDA: “call or text 988” alone reaches English (988lifeline.org)."""
    for said in (wording.IN_DANGER_SPANISH, str(WORDS["es"]["danger_988"])):
        assert "llame al 988 y oprima 2, o escriba AYUDA al 988" in said


def test_spanish_is_answered_in_spanish(robin: Client, clinic: Clinic) -> None:
    say(clinic, "me quiero matar")
    assert mail.outbox[0].body == wording.IN_DANGER_SPANISH


@pytest.mark.parametrize("keyword", ["AYUDA", "Ayuda por favor", "HELP"])
def test_the_keyword_for_988_sent_to_us_is_heard_as_more_of_the_danger(
    robin: Client, clinic: Clinic, keyword: str
) -> None:
    """“Escriba AYUDA al 988”: who sends it back to us is told again at once, and not whom to call about messages."""
    say(clinic, "me quiero matar" if keyword != "HELP" else "I want to die")
    say(clinic, keyword, at=NIGHT + datetime.timedelta(minutes=1))
    answer = wording.IN_DANGER if keyword == "HELP" else wording.IN_DANGER_SPANISH
    assert [message.body for message in mail.outbox] == [answer, answer]
    assert list(CrisisReply.objects.order_by("pk").values_list("words", "danger"))[1] == (keyword, "suicide")
    assert not HelpAnswer.objects.exists()


def test_once_somebody_has_seen_to_it_the_keyword_asks_about_messages(
    robin: Client, clinic: Clinic, counselor: StaffMember
) -> None:
    say(clinic, "me quiero matar")
    crisis.resolve(reply=CrisisReply.objects.get(), what_was_done="Called her, with her sister.", by=counselor)
    say(clinic, "AYUDA", at=NIGHT + datetime.timedelta(minutes=1))
    assert CrisisReply.objects.count() == 1
    assert HelpAnswer.objects.exists()


def test_an_opted_out_person_is_answered_and_stays_opted_out(robin: Client, clinic: Clinic) -> None:
    say(clinic, "STOP")
    say(clinic, at=NIGHT + datetime.timedelta(minutes=1))
    assert [message.body for message in mail.outbox] == [ANSWER]
    assert OptOut.objects.in_force().count() == 1


@pytest.mark.parametrize("words", ["I want to end it all", "STOP. I want to die", "I can't stop. I want to end it"])
def test_stop_in_a_reply_about_danger_does_not_opt_out(words: str, robin: Client, clinic: Clinic) -> None:
    say(clinic, words)
    assert len(mail.outbox) == 1
    assert not OptOut.objects.exists()


@pytest.mark.parametrize("words", ["STOP I want to kill myself", "stop, I can't go on with these texts"])
def test_stop_in_a_reply_about_danger_becomes_a_task(words: str, robin: Client, clinic: Clinic) -> None:
    say(clinic, words)
    assert CrisisReply.objects.get().danger == "suicide"
    task = StaffTask.objects.get()
    assert (task.kind, task.client) == (StaffTask.Kind.UNCLEAR, robin)
    assert words in task.sentence
    assert not OptOut.objects.exists()


def test_ten_messages_within_minutes_get_one_answer(robin: Client, clinic: Clinic, counselor: StaffMember) -> None:
    for minute in range(10):
        say(clinic, f"{KILL} {minute}", at=NIGHT + datetime.timedelta(minutes=minute))
        crisis.answer_due(NIGHT + datetime.timedelta(minutes=minute))
    assert len(mail.outbox) == 1
    assert CrisisReply.objects.filter(answered_at=NIGHT).count() == 10
    now = [need for need in needs_of(staff_member=counselor, now=NIGHT) if need.first]
    assert len(now) == 1
    say(clinic, at=NIGHT + datetime.timedelta(minutes=25))
    assert len(mail.outbox) == 2


def test_the_same_email_twice_counts_once(robin: Client, clinic: Clinic) -> None:
    for _ in range(2):
        say(clinic, source_key="abc@mail.example")
    assert CrisisReply.objects.count() == len(mail.outbox) == 1


def test_an_answer_that_did_not_leave_is_tried_again(robin: Client, clinic: Clinic, monkeypatch: Any) -> None:
    def down(channel: str, message: channels.Message) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(channels, "send", down)
        say(clinic)
    assert CrisisReply.objects.get().answered_at is None
    minute_later = NIGHT + datetime.timedelta(minutes=1)
    assert crisis.answer_due(minute_later) == 1
    assert crisis.answer_due(minute_later) == 0
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("value", "why"), [("12345", "isn’t a valid phone number"), ("+15550100199", "no provider")])
def test_where_no_answer_can_go_people_are_told(
    value: str, why: str, robin: Client, clinic: Clinic, supervisor: StaffMember
) -> None:
    say(clinic, value=value)
    assert mail.outbox == []
    assert why in CrisisReply.objects.get().answer_failed
    assert why in first_on(supervisor).detail


def test_it_stands_first_for_the_care_team_and_whoever_sees_all(
    robin: Client, clinic: Clinic, counselor: StaffMember, supervisor: StaffMember, make_staff: Any, other_clinic: Any
) -> None:
    from tests import factories

    StaffTask.objects.create(clinic=clinic, client=robin, sentence="Old", created_at=utc(2020, 1, 1))
    say(clinic)
    for one in (counselor, supervisor, make_staff(Role.INTAKE_COORDINATOR), make_staff(Role.MEDICAL)):
        need = first_on(one)
        assert (need.urgency, need.client_name) == (Urgency.NOW, "Robin Sample"), one.role
        assert need.title == "Call this person now: their reply mentions suicide"
    strangers = (
        make_staff(Role.COUNSELOR),
        make_staff(Role.ADMINISTRATOR),
        make_staff(Role.PRIVACY_OFFICER),
        factories.StaffMemberFactory(clinic=other_clinic, role=Role.SUPERVISOR),
    )
    for one in strangers:
        assert not [need for need in needs_of(staff_member=one, now=NIGHT) if need.first], one.role


def test_it_stays_until_somebody_records_what_was_done(
    robin: Client, clinic: Clinic, counselor: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    say(clinic)
    page = first_on(supervisor).url
    browser = signed_in(counselor)
    assert KILL in browser.get(page).content.decode()
    assert "required" in browser.post(page, {"what_was_done": " "}).content.decode()
    assert first_on(supervisor).first
    said = "Called at 2:10 AM, safe at her sister’s; we meet at 9."
    answer = browser.post(page, {"what_was_done": said}, follow=True).content.decode()
    assert said in answer
    reply = CrisisReply.objects.get()
    assert (reply.resolved_by, reply.resolved_at) == (counselor, NIGHT)
    assert not [need for need in needs_of(staff_member=supervisor, now=NIGHT) if need.first]
    with pytest.raises(crisis.DoneAlready):
        crisis.resolve(reply=reply, what_was_done="Again", by=supervisor)


def test_what_was_done_leads_on_to_the_evaluation_that_is_still_open(
    robin: Client, clinic: Clinic, supervisor: StaffMember, make_staff: Any, signed_in: Any
) -> None:
    """What was done is no evaluation of safety: the page says so to who may evaluate, until one is recorded."""
    say(clinic)
    reply = CrisisReply.objects.get()
    link = f"{reverse('cases:safety', args=[robin.pk])}?next={crisis.page(reply)}"
    browser = signed_in(supervisor)
    assert link not in browser.get(crisis.page(reply)).content.decode()  # first things first
    answer = browser.post(crisis.page(reply), {"what_was_done": "Called"}, follow=True).content.decode()
    assert "The concern stays open until a clinician evaluates" in answer
    assert link in answer
    desk = signed_in(make_staff(Role.INTAKE_COORDINATOR)).get(crisis.page(reply)).content.decode()
    assert link not in desk
    assert "Tell a clinician" in desk
    safety.evaluate(
        client=robin,
        found="No plan",
        done="Plan made",
        next_check_on=NIGHT.date() + datetime.timedelta(1),
        by=supervisor,
    )
    assert link not in signed_in(supervisor).get(crisis.page(reply)).content.decode()


def test_what_came_after_is_not_settled_with_what_came_before(
    robin: Client, clinic: Clinic, counselor: StaffMember
) -> None:
    say(clinic)
    later = NIGHT + datetime.timedelta(minutes=2)
    say(clinic, "I overdosed", at=later)
    crisis.resolve(reply=CrisisReply.objects.get(received_at=NIGHT), what_was_done="Called", by=counselor)
    assert CrisisReply.objects.open().get().received_at == later


def test_the_database_wants_author_time_and_words(robin: Client, clinic: Clinic, counselor: StaffMember) -> None:
    say(clinic)
    for half in ({"resolved_at": NIGHT}, {"resolved_at": NIGHT, "resolved_by": counselor}, {"what_was_done": "x"}):
        with pytest.raises(IntegrityError, match="crisis_reply_done"), transaction.atomic():
            CrisisReply.objects.update(**half)


def test_two_clients_on_one_phone_who_write_are_each_asked_after_in_a_few_queries(
    robin: Client, clinic: Clinic, counselor: StaffMember, make_client: Any
) -> None:
    for who in ("Brother", "Sister", "Cousin"):
        reachable(make_client(given_name=who), counselor, consented=False)
    with zeal.zeal_context(), CaptureQueriesContext(connection) as seen:  # a query for each of them is an error
        say(clinic, source_key="one message")
        say(clinic, source_key="one message")
    assert CrisisReply.objects.filter(is_shared=True).count() == 4
    read = [each["sql"] for each in seen if each["sql"].startswith("SELECT") and "crisisreply" in each["sql"]]
    assert len([sql for sql in read if "source_key" in sql.partition("WHERE")[2]]) == 2, read


def test_words_that_are_one_clients_for_certain_are_under_nobody_else(
    robin: Client, clinic: Clinic, counselor: StaffMember, make_client: Any
) -> None:
    reachable(make_client(given_name="Brother"), counselor, consented=False)
    [reply] = crisis.record(
        clinic=clinic, contact_value=ADDRESS, reading=meaning.read_own(KILL), at=NIGHT, only=robin, answered_at=NIGHT
    )
    assert (reply.client, reply.is_shared) == (robin, False)
    assert CrisisReply.objects.count() == 1
    [fact] = safety.facts(clients=Client.objects.all())
    assert fact.client_id == robin.pk
    assert "share" not in fact.sentence


def test_from_a_number_that_several_share_each_is_asked_after_and_one_answer_goes(
    robin: Client, clinic: Clinic, make_client: Any, counselor: StaffMember, supervisor: StaffMember
) -> None:
    other = make_client()
    CareTeamMemberFactory(client=other, staff_member=counselor)
    reachable(other, counselor)
    say(clinic)
    assert len(mail.outbox) == 1
    assert {reply.client for reply in CrisisReply.objects.all()} == {robin, other}
    assert "Several clients share" in first_on(supervisor).detail
    crisis.resolve(reply=CrisisReply.objects.get(client=robin), what_was_done="It was not Robin.", by=counselor)
    assert CrisisReply.objects.open().get().client == other


def test_from_nobody_we_know_it_reaches_people_too(
    clinic: Clinic, supervisor: StaffMember, counselor: StaffMember, signed_in: Any
) -> None:
    say(clinic, value="someone@person.example")
    need = first_on(supervisor)
    assert "someone@person.example" in need.detail
    assert KILL in signed_in(supervisor).get(need.url).content.decode()
    assert signed_in(counselor).get(need.url).status_code == 404
    assert not [need for need in needs_of(staff_member=counselor, now=NIGHT) if need.first]


def test_others_do_not_open_it(robin: Client, clinic: Clinic, make_staff: Any, signed_in: Any) -> None:
    say(clinic)
    page = reverse("reminders:crisis_reply", args=[robin.pk, CrisisReply.objects.get().pk])
    assert signed_in(make_staff(Role.COUNSELOR)).get(page).status_code == 404
    assert signed_in(make_staff(Role.ADMINISTRATOR)).get(page).status_code == 403


def test_it_is_a_safety_fact(robin: Client, clinic: Clinic) -> None:
    say(clinic)
    [fact] = [each for each in safety.facts(clients=Client.objects.all()) if each.at == NIGHT]
    assert (fact.client_id, fact.sentence) == (robin.pk, "A reply on Mar 3, 2026 mentions suicide.")
    assert fact.page == reverse("reminders:crisis_reply", args=[robin.pk, CrisisReply.objects.get().pk])


def test_a_quote_of_our_answer_is_no_cry_for_help(robin: Client, clinic: Clinic) -> None:
    say(clinic, f"Thank you, I am fine\n\n> {ANSWER}")
    assert not CrisisReply.objects.exists()
    assert StaffTask.objects.get().kind == StaffTask.Kind.REPLY

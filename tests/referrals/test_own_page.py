"""What the private page does with what nobody planned for: danger in half a form, a closed link, a wrong address."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client as Browser
from django.urls import reverse

from cases import safety
from cases.models import Client
from config import logs
from privacy import consents
from referrals import own_reports, private_links, referring
from referrals.models import Meeting, MeetingVisit, OwnReport, PrivateLink, Referral
from referrals.own_page_words import WORDS
from referrals.views.own_page import GUESSES_A_MINUTE
from reminders import crisis, outbox, wordings
from reminders.models import CrisisReply, DeliveryAttempt, Reminder
from reminders.revealing import revealing_words
from staff.models import StaffMember
from tests.places import NEW_YORK

from ..reminders.conftest import ADDRESS, reachable

MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
TUESDAY = datetime.date(2026, 3, 3)
AFTER = datetime.datetime(2026, 3, 4, 11, 0, tzinfo=NEW_YORK)
CRY = "I want to kill myself"


@pytest.fixture(autouse=True)
def _site(settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = "https://onward.example"
    caches["brief"].clear()
    yield
    caches["brief"].clear()


@pytest.fixture
def plan(
    client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> Callable[..., Referral]:
    def planned(**meeting: Any) -> Referral:
        with time_machine.travel(MONDAY, tick=False):
            referral = referring.offer(client=client_record, meeting=make_meeting(**meeting), by=counselor)
            referring.plan(referral=referral, on=TUESDAY, by=counselor)
        return referral

    return planned


@pytest.fixture
def promised(plan: Callable[..., Referral]) -> Referral:
    return plan()


@pytest.fixture
def after() -> Iterator[None]:
    with time_machine.travel(AFTER, tick=False):
        yield


def address(referral: Referral) -> str:
    link = PrivateLink.objects.filter(follow_through__referral=referral).latest("pk")
    return reverse("referrals:own_page", args=[private_links.token_of(link)])


def seen(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


# --- Danger, whatever else is missing


@pytest.mark.parametrize(
    "said",
    [
        {"line": CRY},
        {"line": f"{CRY} {'x' * 300}", "attended": "no"},
        {"line": CRY, "attended": "perhaps", "craving": "99"},
        {"line": CRY, "in": "es"},
        {"line": f"> {CRY}", "attended": ""},
    ],
)
def test_danger_in_a_form_that_is_not_complete_is_heard(
    promised: Referral, client_record: Client, after: None, said: dict[str, str]
) -> None:
    answer = Browser().post(address(promised), said)
    page = answer.content.decode()
    assert 'href="tel:988"' in page
    assert 'href="tel:911"' in page
    assert said["line"] in page.replace("&gt;", ">")  # what was typed is still there
    assert not OwnReport.objects.exists()
    reply = CrisisReply.objects.get()
    assert (reply.client, reply.danger, reply.words) == (client_record, "suicide", said["line"])
    # Completed and sent, it is the report, and the same words are not told twice.
    done = Browser().post(address(promised), said | {"attended": "no", "line": CRY, "craving": "", "in": ""})
    assert 'href="tel:988"' in done.content.decode()
    assert OwnReport.objects.get().line == CRY
    assert CrisisReply.objects.filter(words=CRY).count() == 1


@pytest.mark.parametrize("how", ["used", "turned off", "over", "ended"])
def test_danger_by_a_link_that_is_closed_is_heard_and_told(
    promised: Referral, counselor: StaffMember, client_record: Client, how: str
) -> None:
    url, at = address(promised), AFTER
    with time_machine.travel(AFTER, tick=False):
        if how == "used":
            Browser().post(url, {"attended": "yes"})
        elif how == "turned off":
            own_reports.turn_off(referral=promised, by=counselor)
        elif how == "ended":
            referring.end(referral=promised, by=counselor)
        else:
            at = AFTER + datetime.timedelta(days=60)
    reports = OwnReport.objects.count()
    with time_machine.travel(at, tick=False):
        answer = Browser().post(url, {"attended": "no", "line": CRY})
        assert 'href="tel:988"' in answer.content.decode()
        assert not revealing_words(seen(answer.content))
    assert OwnReport.objects.count() == reports
    reply = CrisisReply.objects.get()
    assert (reply.client, reply.words) == (client_record, CRY)


def test_said_again_after_somebody_has_seen_to_it_it_is_told_again(
    promised: Referral, counselor: StaffMember, after: None
) -> None:
    for _ in range(2):
        Browser().post(address(promised), {"line": CRY})
    crisis.resolve(reply=CrisisReply.objects.get(), what_was_done="Called; safe tonight.", by=counselor)
    Browser().post(address(promised), {"line": CRY})
    assert CrisisReply.objects.open().count() == 1


@pytest.mark.parametrize(
    ("line", "words"), [(CRY, "call or text 988"), ("me quiero ahorcar", "oprima 2, o escriba AYUDA al 988")]
)
def test_where_the_link_is_none_988_is_shown_and_nobody_told(db: None, line: str, words: str) -> None:
    answer = Browser().post(f"/q/{'a' * 26}/", {"line": line})
    assert words in answer.content.decode()
    assert "reach out" not in answer.content.decode()
    assert not CrisisReply.objects.exists()


@pytest.mark.parametrize("path", ["/Q/TOKEN/", "/q/token/x", "/q//token/", "/q/tokenand.", "/q/token", "/q/TOKEN/"])
def test_where_the_link_can_be_read_in_an_address_that_is_none_the_care_team_is_told(
    promised: Referral, client_record: Client, after: None, path: str
) -> None:
    token = address(promised).split("/")[2]
    answer = Browser().post(path.replace("token", token).replace("TOKEN", token.upper()), {"line": CRY})
    assert answer.status_code in {200, 404}
    assert 'href="tel:988"' in answer.content.decode()
    assert "reach out" in answer.content.decode()
    assert (reply := CrisisReply.objects.get()).client == client_record
    assert reply.words == CRY


def test_if_telling_fails_988_is_shown_and_nobody_said_to_be_told(
    promised: Referral, after: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("referrals.own_reports.tell_of_danger", fails)
    answer = Browser(raise_request_exception=False).post(address(promised), {"line": CRY})
    assert answer.status_code == 500
    assert 'href="tel:988"' in answer.content.decode()
    assert "reach out" not in answer.content.decode()


@pytest.mark.parametrize("again", [f"  {CRY} ", "I want  to\tkill myself", CRY.upper(), "I want to ki\u00adll myself"])
def test_one_cry_sent_again_with_other_blanks_is_told_once(promised: Referral, after: None, again: str) -> None:
    for line in (CRY, again):
        Browser().post(address(promised), {"line": line})
    assert CrisisReply.objects.get().words == CRY


def test_a_control_character_takes_nothing_from_a_cry_for_help(promised: Referral, after: None) -> None:
    answer = Browser(raise_request_exception=False).post(address(promised), {"line": f"{CRY}\x00", "attended": ""})
    assert 'href="tel:988"' in answer.content.decode()
    assert CrisisReply.objects.get().words == CRY


def test_one_link_fills_no_list_and_after_somebody_saw_to_it_is_heard_again(
    promised: Referral, counselor: StaffMember, after: None
) -> None:
    Browser().post(address(promised), {"attended": "yes"})  # used, and danger is heard by it all the same
    for number in range(own_reports.MOST_TOLD + 3):
        answer = Browser().post(address(promised), {"line": f"{CRY} {number}"})
        assert 'href="tel:988"' in answer.content.decode()
    assert CrisisReply.objects.count() == own_reports.MOST_TOLD
    assert CrisisReply.objects.earliest("pk").words == f"{CRY} 0"
    crisis.resolve(reply=CrisisReply.objects.latest("pk"), what_was_done="Called; safe tonight.", by=counselor)
    Browser().post(address(promised), {"line": f"{CRY} 21"})
    assert CrisisReply.objects.open().count() == 1


def test_what_a_private_page_says_is_under_no_other_client_of_that_phone(
    promised: Referral, client_record: Client, make_client: Callable[..., Client], counselor: StaffMember, after: None
) -> None:
    brother = make_client(given_name="Brother")
    for each in (client_record, brother):
        reachable(each, counselor, consented=False)
    plan = PrivateLink.objects.get(follow_through__referral=promised).follow_through_id
    reminder = outbox.schedule(
        kind="client_meeting_followup",
        client_or_staff=client_record,
        due_at=AFTER,
        dedupe_key="asked",
        context={"follow_through_id": plan},
    )
    DeliveryAttempt.objects.create(number=1, reminder=reminder, contact_value=ADDRESS, started_at=AFTER)
    assert Browser().post(address(promised), {"line": f"My brother's dealer came. {CRY}"}).status_code == 422
    reply = CrisisReply.objects.get()
    assert (reply.client, reply.is_shared, reply.contact_value) == (client_record, False, ADDRESS)
    [fact] = safety.facts(clients=Client.objects.filter(pk__in=[client_record.pk, brother.pk]))
    assert fact.client_id == client_record.pk
    assert "share" not in fact.sentence


def test_too_many_guesses_from_one_address_take_nothing_from_a_cry_for_help(promised: Referral, after: None) -> None:
    guesser = Browser(REMOTE_ADDR="203.0.113.9")
    for number in range(GUESSES_A_MINUTE + 1):
        guesser.get(f"/q/{'a' * 24}{chr(97 + number % 20)}b/")
    assert guesser.post(address(promised), {"attended": "yes"}).status_code == 404
    assert 'href="tel:988"' in guesser.post(address(promised), {"line": CRY}).content.decode()
    assert CrisisReply.objects.count() == 1


def test_if_keeping_the_answer_fails_it_is_told_and_shown_all_the_same(
    promised: Referral, after: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("referrals.own_reports.answer", fails)
    browser = Browser(raise_request_exception=False)
    answer = browser.post(address(promised), {"attended": "no", "line": CRY})
    assert answer.status_code == 500
    assert 'href="tel:988"' in answer.content.decode()
    assert CrisisReply.objects.count() == 1
    answer = browser.post(address(promised), {"attended": "no", "line": "All well"})
    assert answer.status_code == 500
    assert "Try again in a few minutes" in seen(answer.content)
    assert_neutral(answer)


def test_today_says_that_it_was_shown_and_nothing_sent(
    promised: Referral, counselor: StaffMember, signed_in: Callable[..., Browser], after: None
) -> None:
    Browser().post(address(promised), {"line": CRY})
    today = seen(signed_in(counselor).get("/", follow=True).content)
    assert "Call this person now: what they wrote mentions suicide" in today
    assert "their reply" not in today
    assert "which showed 911 and 988 to whoever had it open. No message was sent." in today
    assert "Sent 911" not in today
    page = seen(signed_in(counselor).get(crisis.page(CrisisReply.objects.get())).content)
    assert "No message was sent." in page
    assert "Sent 911" not in page


# --- An address that is none, and everything else that ends elsewhere


def assert_neutral(answer: Any) -> None:
    text = seen(answer.content)
    for ours in ("Onward", "clinic", "staff", "Today", "record", "sign"):
        assert ours.lower() not in text.lower(), text
    assert not revealing_words(text)
    assert 'lang="es"' in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Frame-Options"] == "DENY"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


@pytest.mark.parametrize("path", ["/q/", "/q", "/Q/", "/q/TOKEN/x/", "/Q/TOKEN/", "/q/TOKEN/.", "/q//", "/q/é/%00/"])
@pytest.mark.parametrize("signed", [False, True])
def test_a_near_miss_of_the_address_is_a_closed_page(
    promised: Referral, after: None, counselor: StaffMember, signed_in: Any, path: str, signed: bool
) -> None:
    browser = signed_in(counselor) if signed else Browser()
    answer = browser.get(path.replace("TOKEN", address(promised).split("/")[2]))
    assert answer.status_code == 404
    assert "This page is closed" in seen(answer.content)
    if not signed:
        assert_neutral(answer)


@pytest.mark.parametrize("path", ["/Q/TOKEN/", "/q//TOKEN/", "/q/TOKEN/x/", "/q/TOKEN"])
def test_nor_does_the_log_name_it_then(path: str) -> None:
    token = "a2" * 13
    assert token not in logs._without_keys(f"Not Found: {path.replace('TOKEN', token)}")


def test_the_pages_of_staff_keep_theirs(db: None) -> None:
    for path in ("/quality/", "/x/q/", "/meetings/q/1/"):
        assert "This page is closed" not in Browser().get(path, follow=True).content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "options", "patch", "trace"])
def test_what_no_form_sends_is_refused_without_a_word_about_us(promised: Referral, after: None, method: str) -> None:
    answer = getattr(Browser(), method)(address(promised))
    assert answer.status_code == 405
    assert "GET" in answer["Allow"]
    assert_neutral(answer)


def test_it_works_where_cookies_are_blocked(promised: Referral, after: None) -> None:
    browser = Browser(enforce_csrf_checks=True)
    assert not browser.get(address(promised)).cookies
    answer = browser.post(address(promised), {"attended": "yes"}, headers={"Origin": "null"})
    assert (answer.status_code, answer.cookies) == (200, {})
    assert OwnReport.objects.count() == 1


def test_too_much_to_read_is_refused_without_a_word_about_us(promised: Referral, after: None, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = Browser(raise_request_exception=False).post(address(promised), {"line": "x" * 2000})
    assert answer.status_code in {400, 413}
    assert_neutral(answer)


# --- Which day


def text_of(referral: Referral) -> str:
    reminder = Reminder.objects.filter(kind="client_meeting_followup", context__referral_id=referral.pk).latest("pk")
    reminder.channel = "sms"
    return wordings.text_of(reminder).sent


def test_page_and_message_name_the_day_and_nothing_else(promised: Referral, client_record: Client, after: None) -> None:
    assert "Did you go on Tuesday, Mar 3?" in seen(Browser().get(address(promised)).content)
    assert "A short question about Tuesday, Mar 3: https://" in text_of(promised)
    Client.objects.filter(pk=client_record.pk).update(language="Spanish")
    assert "¿Fue el martes 3 de mar?" in seen(Browser().get(address(promised)).content)
    assert "Una pregunta breve sobre el martes 3 de mar: https://" in text_of(promised)
    assert not revealing_words(text_of(promised))


def test_two_plans_of_a_day_are_told_apart_by_the_hour(plan: Callable[..., Referral], after: None) -> None:
    both = [plan(start=datetime.time(12)), plan(start=datetime.time(19))]
    for referral, hour in zip(both, ("12:00 PM", "7:00 PM"), strict=True):
        assert f"Did you go on Tuesday, Mar 3, {hour}?" in seen(Browser().get(address(referral)).content)
        assert f"about Tuesday, Mar 3, {hour}: https://" in text_of(referral)


def test_two_at_one_hour_are_told_apart_too(plan: Callable[..., Referral], counselor: StaffMember, after: None) -> None:
    both = [plan(), plan()]
    pages = [seen(Browser().get(address(each)).content) for each in both]
    assert [f"7:00 PM ({place} of 2)?" in page for place, page in zip("12", pages, strict=True)] == [True, True]
    referring.decline(referral=both[0], by=counselor)
    assert "Did you go on Tuesday, Mar 3?" in seen(Browser().get(address(both[1])).content)


def test_the_day_is_said_where_the_client_lives(promised: Referral, client_record: Client, after: None) -> None:
    Client.objects.filter(pk=client_record.pk).update(time_zone="Asia/Tokyo")
    assert "on Wednesday, Mar 4?" in seen(Browser().get(address(promised)).content)


def test_rather_no_day_than_no_address(promised: Referral, after: None, settings: Any) -> None:
    settings.PUBLIC_URL = f"https://{'onward.' * 6}example"
    assert "A short question for you: https://" in text_of(promised)


# --- The other language


@pytest.mark.parametrize(
    ("language", "reader"),
    [("en", "Whoever asked you will read it."), ("es", "La leerá quien le hizo estas preguntas.")],
)
def test_the_line_says_that_somebody_else_reads_it(promised: Referral, after: None, language: str, reader: str) -> None:
    url = f"{address(promised)}?in={language}"
    for answer in (Browser().get(url), Browser().post(url, {"line": "x" * 301, "in": ""})):
        shown = answer.content.decode()
        field = shown.split('id="line"')[1].split(">")[0]
        described = field.split('aria-describedby="')[1].split('"')[0]
        assert described.split()[0] == "line-help"
        assert f'<p class="own-help" id="line-help">{reader}</p>' in shown
        assert all(f'id="{each}"' in shown for each in described.split())


def test_the_page_is_there_in_the_other_language_by_a_link(promised: Referral, after: None) -> None:
    page = Browser().get(address(promised)).content.decode()
    assert '<html lang="en">' in page
    link = re.search(r'<a[^>]+href="(\?in=es)"[^>]*>\s*Español\s*</a>', page)
    assert link is not None
    url = address(promised) + link[1]
    page = Browser().get(url).content.decode()
    assert '<html lang="es">' in page
    assert re.search(r'<a[^>]+href="\?in=en"[^>]*>\s*English\s*</a>', page)
    assert WORDS["es"]["choose"] in Browser().post(url, {}).content.decode()
    # Asked for once more after it was sent, what was typed stays and nothing is used up.
    page = Browser().post(url, {"attended": "yes", "line": "Bien", "craving": "3", "in": "en"}).content.decode()
    assert '<html lang="en">' in page
    assert 'value="Bien"' in page
    assert len(re.findall(r"checked", page)) == 2
    assert not OwnReport.objects.exists()
    assert "Gracias" in Browser().post(url, {"attended": "yes"}).content.decode()
    assert OwnReport.objects.get().language == "es"


@pytest.mark.parametrize(
    ("recorded", "asked", "shown"),
    [
        ("", "es-MX,es;q=0.9,en;q=0.5", "es"),
        ("", "fr, es;q=0.5", "es"),
        ("", "en-US,es;q=0.3", "en"),
        ("", "", "en"),
        ("Portuguese", "es", "es"),
        ("English", "es", "en"),
        ("Spanish", "en", "es"),
        ("", ";;q=x,%", "en"),
        ("English and Spanish", "es-MX", "es"),
        ("English and Spanish", "fr", "en"),
        ("Español / inglés", "en-US", "en"),
        ("Español / inglés", "", "es"),
        ("Spanish, some English", "en", "es"),
        ("Bilingual: English, Spanish", "es", "es"),
    ],
)
def test_where_the_record_has_none_the_browsers_language_is_heard(
    promised: Referral, client_record: Client, after: None, recorded: str, asked: str, shown: str
) -> None:
    Client.objects.filter(pk=client_record.pk).update(language=recorded)
    page = Browser(headers={"Accept-Language": asked}).get(address(promised)).content.decode()
    assert f'<html lang="{shown}">' in page


# --- What staff see of it


def referral_page(referral: Referral, browser: Browser) -> str:
    return seen(browser.get(reverse("referrals:referral", args=[referral.client_id, referral.pk])).content)


def test_where_no_message_can_carry_a_link_none_is_said_to_go_out(
    promised: Referral, counselor: StaffMember, signed_in: Callable[..., Browser], after: None, settings: Any
) -> None:
    browser = signed_in(counselor)
    again = reverse("referrals:step", args=[promised.client_id, promised.pk, "ask-again"])
    links = PrivateLink.objects.count()
    for why in ("No phone number or email address is on record.", "no consent on file", "no web address"):
        if why.startswith("no consent"):
            reachable(promised.client, counselor, consented=False)
        elif why.startswith("no web"):
            consents.allow_reminders(
                client=promised.client, channel="email", value=ADDRESS, by=counselor, signed_on=MONDAY.date()
            )
            settings.PUBLIC_URL = ""
        page = referral_page(promised, browser)
        assert "No message can carry one now." in page
        assert why in page
        assert "Send a new link" not in page
        answer = seen(browser.post(again, follow=True).content)
        assert "No private link can go out." in answer
        assert "goes out with" not in answer
    assert PrivateLink.objects.count() == links
    settings.PUBLIC_URL = "https://onward.example"
    assert "Send a new link" in referral_page(promised, browser)
    assert "goes out with the next message" in seen(browser.post(again, follow=True).content)
    assert PrivateLink.objects.count() == links + 1


def test_a_report_beside_an_earlier_record_answers_the_plan_and_is_on_the_page(
    promised: Referral, counselor: StaffMember, signed_in: Callable[..., Browser], after: None
) -> None:
    """Staff had recorded that day before the plan was made."""
    visit = MeetingVisit.objects.create(
        client=promised.client,
        referral=promised,
        meeting=promised.meeting,
        fellowship="aa",
        visited_on=TUESDAY,
        attended=True,
        recorded_at=MONDAY - datetime.timedelta(days=2),
        recorded_by=counselor,
    )
    assert Referral.objects.with_state().get(pk=promised.pk).is_answered is False
    Browser().post(address(promised), {"attended": "no", "line": "I only stood outside", "craving": "8"})
    assert Referral.objects.with_state().get(pk=promised.pk).is_answered is True
    visit.refresh_from_db()
    assert (visit.attended, visit.recorded_by) == (True, counselor)
    waiting = Reminder.objects.filter(context__referral_id=promised.pk, state="pending")
    assert not waiting.exists()
    page = referral_page(promised, signed_in(counselor))
    assert page.count("I only stood outside") == 1
    assert "Did not go , by the client’s own report on Mar 4, 2026, beside what was recorded." in page

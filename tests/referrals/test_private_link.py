"""Private links: from the message to the journal, and every way in which somebody else might use one."""

from __future__ import annotations

import datetime
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from config import logs
from privacy import consents
from referrals import guide, own_reports, private_links, referring
from referrals.models import FollowThrough, Meeting, MeetingVisit, OwnReport, PrivateLink, Referral
from referrals.own_page_words import WORDS
from referrals.views.own_page import GUESSES_A_MINUTE
from reminders import wordings
from reminders.models import CrisisReply, Reminder
from reminders.revealing import revealing_words
from staff.models import AuditEntry, StaffMember
from tests.places import NEW_YORK

from ..reminders.conftest import ADDRESS, reachable

MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
TUESDAY = datetime.date(2026, 3, 3)
AFTER = datetime.datetime(2026, 3, 4, 11, 0, tzinfo=NEW_YORK)
DAY = datetime.timedelta(days=1)
SITE = "https://onward.example"


@pytest.fixture(autouse=True)
def _site(settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = SITE
    caches["brief"].clear()
    yield
    caches["brief"].clear()


@pytest.fixture
def promised(client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]) -> Referral:
    with time_machine.travel(MONDAY, tick=False):
        referral = referring.offer(client=client_record, meeting=make_meeting(name="Example Tuesday"), by=counselor)
        referring.plan(referral=referral, on=TUESDAY, by=counselor)
    return referral


@pytest.fixture
def after() -> Iterator[None]:
    """The morning after the meeting, when the message has gone out."""
    with time_machine.travel(AFTER, tick=False):
        yield


def link_of(referral: Referral) -> PrivateLink:
    return PrivateLink.objects.filter(follow_through__referral=referral).latest("pk")


def address(referral: Referral) -> str:
    return reverse("referrals:own_page", args=[private_links.token_of(link_of(referral))])


def asked(referral: Referral) -> Reminder:
    return Reminder.objects.filter(kind="client_meeting_followup", context__referral_id=referral.pk).latest("pk")


def closed_page() -> bytes:
    return Browser().get(reverse("referrals:own_page", args=["a" * 26])).content


# --- The message


def test_the_message_carries_the_address_and_nothing_that_is_kept_does(promised: Referral, after: None) -> None:
    reminder = asked(promised)
    reminder.channel = "sms"
    text = wordings.text_of(reminder)
    assert text.why_not == ""
    url = re.search(rf"{SITE}/q/[a-z2-7]{{26}}/", text.sent)
    assert url is not None
    assert url[0].removeprefix(SITE) == address(promised)
    assert not revealing_words(text.sent)
    token = url[0].split("/")[-2]
    assert token not in text.body  # what staff see
    link = link_of(promised)
    assert token not in {link.seed, link.token_hash}
    with connection.cursor() as cursor:  # nor is it in any row of the database
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{token}%"])
            assert cursor.fetchone()[0] == 0, table


def test_a_call_says_no_address_and_without_a_site_there_is_none(
    promised: Referral, after: None, settings: Any
) -> None:
    reminder = asked(promised)
    reminder.channel = "voice"
    assert "http" not in wordings.text_of(reminder).sent
    reminder.channel = "sms"
    settings.PUBLIC_URL = ""
    assert "http" not in wordings.text_of(reminder).sent
    settings.PUBLIC_URL = "https://recovery-clinic.example"  # an address that says it all stays out
    assert "http" not in wordings.text_of(reminder).sent


def test_in_spanish(promised: Referral, client_record: Client, after: None) -> None:
    Client.objects.filter(pk=client_record.pk).update(language="Spanish")
    reminder = asked(promised)
    reminder.channel = "sms"
    assert wordings.text_of(reminder).sent.startswith("Una pregunta breve sobre el martes 3 de mar: https://")
    page = Browser().get(address(promised)).content.decode()
    assert '<html lang="es">' in page
    assert "¿Cómo le fue?" in page


def test_an_address_too_long_for_a_text_is_left_out(promised: Referral, after: None, settings: Any) -> None:
    settings.PUBLIC_URL = f"https://{'onward.' * 12}example"
    reminder = asked(promised)
    reminder.channel = "sms"
    text = wordings.text_of(reminder)
    assert text.why_not == ""
    assert "http" not in text.sent


# --- The page


def test_opening_it_changes_nothing_and_shows_nothing_of_anybody(
    promised: Referral, client_record: Client, counselor: StaffMember, after: None
) -> None:
    browser, url = Browser(), address(promised)
    before = AuditEntry.objects.count()
    for _ in range(3):
        answer = browser.get(url)
        assert answer.status_code == 200
    assert browser.head(url).status_code == 200
    assert AuditEntry.objects.count() == before
    assert link_of(promised).used_at is None
    page = answer.content.decode()
    seen = re.sub(r"<[^>]+>|csrfmiddlewaretoken\S+", " ", page)
    for secret in (*client_record.full_name.split(), *str(counselor).split(), "Example", "Onward"):
        assert secret not in seen
    assert not revealing_words(seen)
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    assert "sessionid" not in answer.cookies


@pytest.mark.parametrize("language", WORDS)
def test_no_word_of_the_page_says_what_it_is_about(language: str) -> None:
    assert not revealing_words(str(WORDS[language]))
    assert WORDS[language].keys() == WORDS["en"].keys()


def test_the_answer_is_the_journals_visit_and_answers_the_plan(
    promised: Referral, counselor: StaffMember, signed_in: Callable[..., Browser], after: None
) -> None:
    said = {"attended": "yes", "how_it_was": "4", "line": "Glad I went.", "craving": "3", "again": "yes"}
    answer = Browser().post(address(promised), said)
    assert answer.status_code == 200
    assert "Thank you" in answer.content.decode()
    visit = MeetingVisit.objects.get()
    assert (visit.visited_on, visit.attended, visit.recorded_by) == (TUESDAY, True, None)
    assert visit.own_report is not None
    assert (visit.own_report.line, visit.own_report.craving, visit.own_report.again) == ("Glad I went.", 3, True)
    referral = Referral.objects.with_state().get(pk=promised.pk)
    assert (referral.state, referral.is_answered) == (
        "planned",
        False,
    )  # the next one: tests/referrals/test_own_plans.py
    first = Reminder.objects.filter(context__follow_through_id=PrivateLink.objects.earliest("pk").follow_through_id)
    assert set(first.values_list("state", flat=True)) == {"cancelled"}
    page = signed_in(counselor).get(reverse("referrals:referral", args=[promised.client_id, promised.pk]))
    for words in ("Glad I went.", "Craving: 3 of 10", "own report, by private link", "Answered Mar 4, 2026"):
        assert words.lower() in page.content.decode().lower()
    # Who asks the client in person may still put another report in its place; what the client said stays.
    referring.record_visit(referral=promised, visited_on=TUESDAY, attended=False, replace=True, by=counselor)
    visit.refresh_from_db()
    assert (visit.recorded_by, visit.own_report.line) == (counselor, "Glad I went.")


def test_not_having_gone_is_told_too_and_asks_for_nothing_else(promised: Referral, after: None) -> None:
    Browser().post(address(promised), {"attended": "no", "how_it_was": "2"})
    assert MeetingVisit.objects.get().attended is False
    assert OwnReport.objects.get().how_it_was is None


@pytest.mark.parametrize(
    "said",
    [{}, {"attended": "perhaps"}, {"attended": "yes", "craving": "11"}, {"attended": "yes", "line": "x" * 301}],
)
def test_what_cannot_be_read_is_asked_again_and_uses_nothing_up(
    promised: Referral, after: None, said: dict[str, str]
) -> None:
    answer = Browser().post(address(promised), said)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert link_of(promised).used_at is None
    assert not OwnReport.objects.exists()


# --- Attacks


def test_used_expired_turned_off_and_never_made_look_alike(
    promised: Referral, counselor: StaffMember, after: None
) -> None:
    url = address(promised)
    Browser().post(url, {"attended": "yes"})
    used = Browser().get(url)
    assert (used.status_code, used.content) == (404, closed_page())
    assert Browser().post(url, {"attended": "no"}).content == closed_page()
    assert MeetingVisit.objects.get().attended is True
    assert b"Example" not in used.content
    assert used["Referrer-Policy"] == "no-referrer"
    for odd in ("x", "A" * 26, "a" * 400, "%00", "é" * 26):
        assert Browser().get(f"/q/{odd}/").status_code == 404


def test_it_ends_by_itself(promised: Referral) -> None:
    url = address(promised)
    with time_machine.travel(link_of(promised).expires_at, tick=False):
        assert Browser().get(url).content == closed_page()
        assert Browser().post(url, {"attended": "yes"}).content == closed_page()
    assert not OwnReport.objects.exists()


def test_staff_turn_it_off_and_send_another(
    promised: Referral, counselor: StaffMember, signed_in: Callable[..., Browser], after: None
) -> None:
    reachable(promised.client, counselor)
    browser, first = signed_in(counselor), address(promised)
    step = [promised.client_id, promised.pk]
    page = browser.get(reverse("referrals:referral", args=step)).content.decode()
    assert "Open until Mar 11, 2026" in page
    assert first not in page
    browser.post(reverse("referrals:step", args=[*step, "turn-off"]))
    assert Browser().get(first).content == closed_page()
    browser.post(reverse("referrals:step", args=[*step, "ask-again"]))
    assert address(promised) != first
    again = asked(promised)
    assert again.state == "pending"
    again.channel = "sms"
    assert address(promised) in wordings.text_of(again).sent
    Browser().post(address(promised), {"attended": "yes"})
    again.refresh_from_db()
    assert again.state == "cancelled"


def test_another_date_a_visit_and_an_end_close_it(
    promised: Referral, counselor: StaffMember, make_meeting: Callable[..., Meeting], after: None
) -> None:
    url = address(promised)
    referring.record_visit(referral=promised, visited_on=TUESDAY, attended=True, by=counselor)
    assert Browser().get(url).content == closed_page()
    referring.plan(referral=promised, on=TUESDAY + 7 * DAY, by=counselor)
    second = address(promised)
    referring.end(referral=promised, by=counselor)
    assert Browser().post(second, {"attended": "yes"}).content == closed_page()


def test_nobody_without_the_permission_or_of_another_clinic_turns_it_off(
    promised: Referral, make_staff: Callable[..., StaffMember], other_clinic: Any, signed_in: Any, after: None
) -> None:
    stranger = make_staff(clinic=other_clinic)
    step = reverse("referrals:step", args=[promised.client_id, promised.pk, "turn-off"])
    assert signed_in(stranger).post(step).status_code == 404
    assert link_of(promised).revoked_at is None
    # signed in elsewhere, the page is closed: the database shows them no row of this clinic
    assert signed_in(stranger).get(address(promised)).status_code == 404


def test_the_same_form_sent_twice_counts_once(promised: Referral, after: None) -> None:
    said = {"attended": "yes", "line": "Once", "sent_as": "0" * 32}
    first, second = (Browser().post(address(promised), said) for _ in range(2))
    assert first.content == second.content
    assert OwnReport.objects.count() == FollowThrough.objects.filter(step="attended").count() == 1
    said["sent_as"] = "1" * 32
    assert Browser().post(address(promised), said).status_code == 404


def test_what_the_client_was_typing_while_staff_recorded_the_visit_stands_beside_it(
    promised: Referral, counselor: StaffMember, after: None
) -> None:
    """The page opens no more, but what is sent from a page that was open is kept; once, and as their own report."""
    url = address(promised)
    assert Browser().get(url).status_code == 200
    visit = referring.record_visit(
        referral=promised, visited_on=TUESDAY, attended=True, note="On the phone", by=counselor
    )
    assert Browser().get(url).status_code == 404
    said = {"attended": "yes", "line": "I nearly left at the break", "craving": "9", "sent_as": "2" * 32}
    assert "Thank you" in Browser().post(url, said).content.decode()
    report = OwnReport.objects.get()
    assert (report.line, report.craving) == ("I nearly left at the break", 9)
    visit.refresh_from_db()
    assert (visit.own_report, visit.note, visit.recorded_by) == (report, "On the phone", counselor)
    assert Browser().post(url, {**said, "sent_as": "3" * 32}).status_code == 404
    assert OwnReport.objects.count() == 1


@pytest.mark.parametrize("meanwhile", ["an hour", "another date"])
def test_nobody_answers_by_it_later(promised: Referral, counselor: StaffMember, after: None, meanwhile: str) -> None:
    url = address(promised)
    referring.record_visit(referral=promised, visited_on=TUESDAY, attended=True, by=counselor)
    now = timezone.now()
    if meanwhile == "another date":
        referring.plan(referral=promised, on=TUESDAY + 7 * DAY, by=counselor)
    with time_machine.travel(now + (private_links.WHILE_TYPING if meanwhile == "an hour" else DAY / 1000), tick=False):
        assert Browser().post(url, {"attended": "yes", "line": "Hello"}).status_code == 404
    assert not OwnReport.objects.exists()


def test_what_a_person_turned_off_takes_nothing(promised: Referral, counselor: StaffMember, after: None) -> None:
    url = address(promised)
    own_reports.turn_off(referral=promised, by=counselor)
    assert Browser().post(url, {"attended": "yes", "line": "Hello"}).status_code == 404
    assert not OwnReport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one_report(promised: Referral) -> None:
    url = address(promised)
    results: list[int] = []

    def send(attended: str) -> None:
        try:
            results.append(Browser().post(url, {"attended": attended}).status_code)
        finally:
            connection.close()

    with time_machine.travel(AFTER, tick=False):
        both = [threading.Thread(target=send, args=(said,)) for said in ("yes", "no")]
        for each in both:
            each.start()
        for each in both:
            each.join()
    assert sorted(results) == [200, 404]
    assert OwnReport.objects.count() == MeetingVisit.objects.count() == 1


def test_guessing_ends_soon_and_for_that_address_alone(promised: Referral, after: None) -> None:
    guesser = Browser(REMOTE_ADDR="203.0.113.9")
    for number in range(GUESSES_A_MINUTE + 1):
        guesser.get(reverse("referrals:own_page", args=[f"{'a' * 24}{chr(97 + number % 20)}b"]))
    assert guesser.get(address(promised)).status_code == 404
    assert guesser.post(address(promised), {"attended": "yes"}).status_code == 404
    assert Browser(REMOTE_ADDR="203.0.113.10").get(address(promised)).status_code == 200


def test_the_log_does_not_name_it(promised: Referral) -> None:
    url = address(promised)
    assert logs._without_keys(f"GET {url} 200") == "GET /q/…/ 200"


def test_the_database_refuses_to_rewrite_either(promised: Referral, counselor: StaffMember, after: None) -> None:
    own_reports.answer(token=private_links.token_of(link_of(promised)), attended=True)
    for change in (
        lambda: OwnReport.objects.update(line="something else"),
        lambda: OwnReport.objects.all().delete(),
        lambda: PrivateLink.objects.update(used_at=None),
        lambda: PrivateLink.objects.update(expires_at=timezone.now() + 90 * DAY),
        lambda: PrivateLink.objects.update(revoked_at=timezone.now(), revoked_by=counselor),
        lambda: MeetingVisit.objects.update(own_report=None),  # then nobody had told it
    ):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            change()


def test_a_key_that_was_changed_still_opens_it(promised: Referral, after: None, settings: Any) -> None:
    token = private_links.token_of(link_of(promised))
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key " * 5
    assert private_links.token_of(link_of(promised)) == token
    assert private_links.open_link(token) == link_of(promised)
    settings.SECRET_KEY_FALLBACKS = []
    assert private_links.token_of(link_of(promised)) == ""
    assert Browser().get(reverse("referrals:own_page", args=[token])).content == closed_page()


def test_craving_and_the_line_are_on_the_pattern_page(
    promised: Referral, counselor: StaffMember, make_staff: Any, other_clinic: Any, signed_in: Any, after: None
) -> None:
    own_reports.answer(
        token=private_links.token_of(link_of(promised)), attended=True, line="The walk home was hard.", craving=7
    )
    address_of = reverse("cases:patterns", args=[promised.client_id])
    page = signed_in(counselor).get(address_of).content.decode()
    for words in ("The walk home was hard.", 'value="7"', "after a meeting"):
        assert words in page
    assert signed_in(make_staff(clinic=other_clinic)).get(address_of).status_code == 404


# --- Danger


@pytest.mark.parametrize(("line", "danger"), [("I want to kill myself", "suicide"), ("me quiero morir", "suicide")])
@pytest.mark.parametrize("language", ["English", "Spanish"])
def test_words_about_danger_show_988_at_once_and_tell_the_care_team(
    promised: Referral, client_record: Client, after: None, line: str, danger: str, language: str
) -> None:
    Client.objects.filter(pk=client_record.pk).update(language=language)
    said = {"attended": "yes", "line": line, "sent_as": "0" * 32}
    for _ in range(2):
        page = Browser().post(address(promised), said).content.decode()
        assert 'href="tel:988"' in page
        assert not revealing_words(re.sub(r"<[^>]+>", " ", page))
    reply = CrisisReply.objects.get()
    assert (reply.client, reply.danger, reply.words) == (client_record, danger, line)
    assert reply.answered_at is not None  # by the page: no text follows
    assert reply.resolved_at is None


# --- Where a day is agreed on


def posted(browser: Browser, client: Client, referral: Referral, place: str, **said: str) -> str:
    """Agree on Tuesday, on the referral's page or in the guide."""
    if place == "page":
        url, prefix, besides = reverse("referrals:step", args=[client.pk, referral.pk, "plan"]), "plan", {}
    else:
        url, prefix = reverse("referrals:guide_stage", args=[client.pk, "day"]), f"plan{referral.pk}"
        besides = {"referral": str(referral.pk)}
    fields = {f"{prefix}-{name}": value for name, value in {"on": TUESDAY.isoformat(), **said}.items()}
    return browser.post(url, besides | fields, follow=True).content.decode()


def boxes(page: str) -> list[str]:
    """The box for the link in each form of a page."""
    return re.findall(r'<input[^>]+name="plan\d*-private_link"[^>]*>', page)


@pytest.mark.parametrize("place", ["page", "guide"])
def test_the_box_for_the_link_stands_where_the_day_is_agreed_on(
    client_record: Client,
    counselor: StaffMember,
    make_meeting: Callable[..., Meeting],
    signed_in: Callable[..., Browser],
    place: str,
    settings: Any,
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        referral = guide.choose(client=client_record, meeting=make_meeting(), by=counselor)
        browser = signed_in(counselor)
        address_of = {
            "page": reverse("referrals:referral", args=[client_record.pk, referral.pk]),
            "guide": reverse("referrals:guide_stage", args=[client_record.pk, "day"]),
        }[place]
        page = browser.get(address_of).content.decode()
        assert ["disabled" in box for box in boxes(page)] == [True]
        assert "No phone number or email address is on record." in page
        reachable(client_record, counselor, consented=False)
        page = browser.get(address_of).content.decode()
        assert "No text or email can be sent now: no consent on file." in page
        # Whoever sends the box all the same gets a plan without a link.
        posted(browser, client_record, referral, place, remind_client="on", private_link="on")
        assert FollowThrough.objects.filter(step="planned").count() == 1
        assert not PrivateLink.objects.exists()

        consents.allow_reminders(
            client=client_record, channel="email", value=ADDRESS, by=counselor, signed_on=MONDAY.date()
        )
        page = browser.get(address_of).content.decode()
        assert ["checked" in box and "disabled" not in box for box in boxes(page)] == [True]
        # A link without its message is asked about, and the note that was typed stays.
        page = posted(browser, client_record, referral, place, private_link="on", note="After work.")
        assert "It goes out in the message." in page
        assert "After work." in page
        posted(browser, client_record, referral, place, remind_client="on")
        assert not PrivateLink.objects.exists()
        posted(browser, client_record, referral, place, remind_client="on", private_link="on")
        assert PrivateLink.objects.get().follow_through == FollowThrough.objects.latest("pk")
        settings.PUBLIC_URL = ""
        assert "This site has no web address for private pages." in browser.get(address_of).content.decode()


def test_without_the_link_the_message_asks_for_a_call(
    client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        referral = referring.offer(client=client_record, meeting=make_meeting(), by=counselor)
        referring.plan(referral=referral, on=TUESDAY, private_link=False, by=counselor)
    reminder = asked(referral)
    reminder.channel = "sms"
    with time_machine.travel(AFTER, tick=False):
        assert wordings.text_of(reminder).why_not == ""
        assert "http" not in wordings.text_of(reminder).sent

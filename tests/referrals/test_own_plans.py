"""“Next one? Yes” by a private link: the plan that follows, who is told, and what stays where none can be made."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from cases.people import care_team
from privacy import consents
from privacy.models import Consent
from referrals import own_plans, private_links, referring, today, tried_before
from referrals.models import FollowThrough, Meeting, MeetingVisit, OwnReport, PrivateLink, Referral
from reminders import crisis
from reminders.models import CrisisReply, Reminder
from reminders.revealing import revealing_words
from staff.models import StaffMember
from tests.places import NEW_YORK

from ..reminders.conftest import reachable

MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
TUESDAY = datetime.date(2026, 3, 3)
AFTER = datetime.datetime(2026, 3, 4, 11, 0, tzinfo=NEW_YORK)
DAY = datetime.timedelta(days=1)
# The week after, when clocks have gone forward: the same time on the wall.
NEXT = datetime.datetime(2026, 3, 10, 19, 0, tzinfo=NEW_YORK)


@pytest.fixture(autouse=True)
def _site(settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = "https://onward.example"
    caches["brief"].clear()
    yield
    caches["brief"].clear()


@pytest.fixture
def promised(client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]) -> Referral:
    with time_machine.travel(MONDAY, tick=False):
        reachable(client_record, counselor)
        referral = referring.offer(client=client_record, meeting=make_meeting(name="Example Tuesday"), by=counselor)
        referring.plan(referral=referral, on=TUESDAY, by=counselor)
    return referral


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(AFTER, tick=False) as traveller:
        yield traveller


def last_page(referral: Referral) -> str:
    link = PrivateLink.objects.filter(follow_through__referral=referral).latest("pk")
    return reverse("referrals:own_page", args=[private_links.token_of(link)])


def say(referral: Referral, **said: str) -> str:
    """What the private page answers, with its last link."""
    answer = Browser().post(last_page(referral), {"attended": "yes", "again": "yes", **said})
    assert answer.status_code == 200
    return answer.content.decode()


def own_plan() -> FollowThrough | None:
    return FollowThrough.objects.filter(own_report__isnull=False).first()


def needs(by: StaffMember, now: datetime.datetime) -> list[str]:
    return [need.title for need in today.needs(staff_member=by, now=now)]


def waiting() -> set[str]:
    return set(Reminder.objects.waiting().values_list("kind", flat=True))


WISH, MEANS = "Wants to go again: set a date", "Means to go again: read what they said"


def test_yes_plans_the_next_start_and_the_page_shows_none_of_it(
    promised: Referral, client_record: Client, counselor: StaffMember, clock: Any
) -> None:
    page = say(promised)
    plan = own_plan()
    assert plan is not None
    assert (plan.planned_for, plan.by, plan.step) == (NEXT, None, "planned")
    assert plan.own_report == OwnReport.objects.get()
    seen = re.sub(r"<[^>]+>", " ", page)
    assert "You’ll be asked the same after the next one." in seen
    for secret in (*client_record.full_name.split(), "Example", "Tuesday", "Mar", "7:00", "Alcoholics"):
        assert secret not in seen
    assert not revealing_words(seen)
    assert waiting() == {"client_meeting_followup", "staff_followup_call"}
    call = Reminder.objects.waiting().get(kind="staff_followup_call")
    assert call.staff_member == counselor  # who planned with them last
    row = Referral.objects.with_state().with_wish().get()
    assert (row.state, row.promised_for, row.wishes_again) == ("planned", NEXT, True)


@pytest.mark.parametrize("said", [{"again": "no"}, {"again": ""}])
def test_no_and_no_answer_plan_nothing(promised: Referral, counselor: StaffMember, clock: Any, said: Any) -> None:
    assert "asked the same" not in say(promised, **said)
    assert own_plan() is None
    assert not {WISH, MEANS} & set(needs(counselor, AFTER))


def test_the_counselor_is_told_until_somebody_writes(
    promised: Referral,
    counselor: StaffMember,
    signed_in: Callable[..., Browser],
    clock: Any,
    django_assert_max_num_queries: Any,
) -> None:
    say(promised, attended="no", line="Bus broke down.")
    found = [need for need in today.needs(staff_member=counselor, now=AFTER) if need.title == MEANS]
    assert [need.detail for need in found] == [
        "Alcoholics Anonymous: Example Tuesday. Did not go. Next on Tue, Mar 10, 7:00 PM Eastern"
    ]
    browser, args = signed_in(counselor), [promised.client_id, promised.pk]
    browser.get(reverse("referrals:referral", args=args))
    with django_assert_max_num_queries(12):
        page = browser.get(reverse("referrals:referral", args=args)).content.decode()
    for words in (
        "They mean to go again",
        "Mark as read",
        "What to say",
        "Planned\n                  for Tue, Mar 10, 7:00 PM Eastern",
    ):
        assert words in page
    clock.shift(60)
    browser.post(reverse("referrals:step", args=[*args, "note"]), {"note-note": "Read."})
    assert needs(counselor, AFTER + DAY) == []
    assert "They mean to go again" not in browser.get(reverse("referrals:referral", args=args)).content.decode()
    assert needs(counselor, NEXT + DAY + DAY) == ["Ask how the meeting went"]


def page_of(browser: Browser, referral: Referral) -> str:
    answer = browser.get(reverse("referrals:referral", args=[referral.client_id, referral.pk]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_who_wrote_of_dying_is_spoken_of_as_in_danger_and_not_as_late(
    promised: Referral, counselor: StaffMember, signed_in: Callable[..., Browser], clock: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    say(promised, attended="no", line="I want to die")
    browser, reply = signed_in(counselor), CrisisReply.objects.get()
    page_of(browser, promised)
    with django_assert_max_num_queries(12):
        shown = page_of(browser, promised)
    crisis_page = reverse("reminders:crisis_reply", args=[promised.client_id, reply.pk])
    first, mark = shown.index("They wrote about suicide"), shown.index("Wrote of suicide")
    assert first < mark < shown.index("They mean to go again")
    assert f'href="{crisis_page}"' in shown[first:mark]
    journal = shown.split('id="journal"')[1]
    assert journal.index("Wrote of suicide") < journal.index("I want to die")
    for words in ("It happens to most people", "Mark as read", "another day", "another date", "is-good"):
        assert words not in shown.split('id="next"')[0], words

    of_client = browser.get(reverse("referrals:client_referrals", args=[promised.client_id])).content.decode()
    assert "Wrote of suicide" in of_client.split('id="visits"')[1].split("</section>")[0]

    crisis.resolve(reply=reply, what_was_done="Called; her sister stays.", by=counselor)
    shown = page_of(browser, promised)
    assert "They wrote about suicide" not in shown  # somebody has seen to it
    assert shown.count("Wrote of suicide") == 2  # beside what was said, and in the journal, it stays
    assert "It happens to most people" not in shown


def test_a_cry_that_came_with_no_answer_is_shown_there_too(
    promised: Referral, counselor: StaffMember, signed_in: Callable[..., Browser], clock: Any
) -> None:
    Browser().post(last_page(promised), {"line": "I want to die"})
    say(promised, attended="no", line="Bus broke down.")
    shown = page_of(signed_in(counselor), promised)
    assert "They wrote about suicide" in shown
    assert "Wrote of suicide" not in shown.split('id="journal"')[1]  # that line says nothing of it


def test_a_danger_that_staff_ticked_comes_before_what_got_in_the_way(
    promised: Referral, counselor: StaffMember, signed_in: Callable[..., Browser], clock: Any
) -> None:
    referring.record_visit(referral=promised, visited_on=TUESDAY, attended=False, reports_danger=True, by=counselor)
    shown = page_of(signed_in(counselor), promised).split('id="next"')[0]
    assert "Thoughts of suicide, or an attempt, reported" in shown
    assert "It happens to most people" not in shown


def test_where_the_next_day_is_set_nobody_is_told_to_set_one(
    promised: Referral, counselor: StaffMember, signed_in: Callable[..., Browser], clock: Any
) -> None:
    say(promised, attended="no", line="Bus broke down.")
    browser = signed_in(counselor)

    def speaks_of_the_day_that_is_set() -> None:
        shown = page_of(browser, promised).split('id="next"')[0]
        assert "It happens to most people" in shown
        assert "The next plan is for Tue, Mar 10" in shown
        assert not any(words in shown for words in ("another day", "another date", "set a date"))

    speaks_of_the_day_that_is_set()
    clock.shift(60)  # a day in between, which they forgot
    referring.record_visit(
        referral=promised, visited_on=TUESDAY + DAY, attended=False, missed_because="forgot", another_day=True,
        by=counselor,
    )  # fmt: skip
    speaks_of_the_day_that_is_set()


def test_it_goes_on_from_link_to_link(promised: Referral, counselor: StaffMember, clock: Any) -> None:
    say(promised)
    clock.move_to(NEXT + DAY)
    say(promised)
    assert MeetingVisit.objects.filter(recorded_by=None).count() == 2
    last = FollowThrough.objects.latest("pk")
    assert (last.planned_for, last.own_report_id) == (NEXT + 7 * DAY, OwnReport.objects.latest("pk").pk)
    assert Reminder.objects.waiting().get(kind="staff_followup_call").staff_member == counselor


def test_told_late_the_next_one_is_still_ahead(promised: Referral, clock: Any) -> None:
    clock.move_to(datetime.datetime(2026, 3, 10, 20, 0, tzinfo=NEW_YORK))  # the next one began an hour ago
    say(promised)
    plan = own_plan()
    assert plan is not None
    assert plan.planned_for == NEXT + 7 * DAY


def test_sent_twice_is_one_plan(promised: Referral, clock: Any) -> None:
    url, said = last_page(promised), {"attended": "yes", "again": "yes", "sent_as": "0" * 32}
    first, second = (Browser().post(url, said) for _ in range(2))
    assert first.content == second.content
    assert "asked the same" in first.content.decode()
    assert FollowThrough.objects.filter(own_report__isnull=False).count() == 1


# --- Where no plan can be made


@pytest.mark.parametrize(
    "fields",
    [
        {"retired_at": AFTER},
        {"attendance": "inactive"},
        {"weekday": 4},
        {"start": datetime.time(20)},
        {"weekday": None, "start": None},
    ],
)
def test_a_meeting_that_is_not_held_then_leaves_the_wish(
    promised: Referral, counselor: StaffMember, signed_in: Any, clock: Any, fields: dict[str, Any]
) -> None:
    Meeting.objects.update(**fields)
    assert "asked the same" not in say(promised, line="Liked it.", craving="2")
    assert own_plan() is None
    report = OwnReport.objects.get()
    assert (report.line, report.craving, report.again) == ("Liked it.", 2, True)
    assert needs(counselor, AFTER) == [WISH]
    page = signed_in(counselor).get(reverse("referrals:referral", args=[promised.client_id, promised.pk]))
    assert "They want to go again" in page.content.decode()


def test_another_plan_at_that_time_stands(
    promised: Referral, counselor: StaffMember, make_meeting: Callable[..., Meeting], clock: Any
) -> None:
    other = referring.offer(client=promised.client, meeting=make_meeting(name="Another"), by=counselor)
    referring.plan(referral=other, on=NEXT.date(), by=counselor)
    say(promised)
    assert own_plan() is None
    assert needs(counselor, AFTER) == [WISH]


def test_a_fellowship_without_a_meeting_leaves_the_wish(
    client_record: Client, counselor: StaffMember, clock: Any
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        referral = referring.offer(client=client_record, fellowship="lifering", by=counselor)
        referring.plan(referral=referral, on=MONDAY + DAY, by=counselor)
    say(referral)
    assert own_plan() is None
    assert needs(counselor, AFTER) == [WISH]
    referring.plan(referral=referral, on=AFTER + DAY, by=counselor)  # they set a date: the wish is taken up
    assert Referral.objects.with_wish().get().wishes_again is False


def test_without_consent_the_plan_stands_and_no_message_follows(
    promised: Referral, counselor: StaffMember, clock: Any
) -> None:
    for consent in Consent.objects.filter(client=promised.client):
        consents.revoke(consent=consent, by=counselor)
    assert "asked the same" not in say(promised)
    plan = own_plan()
    assert plan is not None
    assert not PrivateLink.objects.filter(follow_through=plan).exists()
    assert waiting() == {"staff_followup_call"}
    assert needs(counselor, AFTER) == [MEANS]


# --- Nobody else, and nothing rewritten


def test_nobody_else_sees_it(
    promised: Referral, make_staff: Callable[..., StaffMember], other_clinic: Any, signed_in: Any, clock: Any
) -> None:
    say(promised)
    stranger = make_staff(clinic=other_clinic)
    assert needs(stranger, AFTER) == []
    assert needs(make_staff(), AFTER) == []  # of the clinic, not of the care team
    page = signed_in(stranger).get(reverse("referrals:referral", args=[promised.client_id, promised.pk]))
    assert page.status_code == 404


def test_the_database_takes_only_a_plan_from_a_report(promised: Referral, counselor: StaffMember, clock: Any) -> None:
    say(promised, again="no")
    report = OwnReport.objects.get()
    wrong = (
        {"step": "note", "by": None, "own_report": report},
        {"step": "planned", "planned_for": NEXT, "by": counselor, "own_report": report},
        {"step": "planned", "planned_for": NEXT, "by": None},
    )
    for fields in wrong:
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            FollowThrough.objects.create(referral=promised, at=AFTER, **fields)
    assert own_plans.plan_next(report=report) is None


@pytest.mark.parametrize(("rating", "helped"), [("1", False), ("2", False), ("3", True), ("5", True)])
def test_what_the_client_did_not_like_is_not_among_what_helped(
    promised: Referral, counselor: StaffMember, clock: Any, rating: str, helped: bool
) -> None:
    say(promised, how_it_was=rating, again="no")
    [known] = tried_before.known(client=promised.client, by=counselor)
    assert known.helped is helped
    assert f"the client said {rating} of 5" in known.detail


def test_nor_what_they_stayed_away_from_for_that(promised: Referral, counselor: StaffMember, clock: Any) -> None:
    say(promised, how_it_was="5", again="no")
    clock.shift(7 * DAY)
    referring.record_visit(
        referral=promised, visited_on=NEXT.date(), attended=False, missed_because="disliked", by=counselor
    )
    [known] = tried_before.known(client=promised.client, by=counselor)
    assert not known.helped
    assert "got in the way: didn’t like it" in known.detail


def test_where_who_planned_has_left_the_primary_counselor_is_reminded(
    promised: Referral,
    counselor: StaffMember,
    supervisor: StaffMember,
    make_staff: Callable[..., StaffMember],
    clock: Any,
) -> None:
    """Nobody reads the inbox of someone who left."""
    successor = make_staff()
    care_team.assign(client=promised.client, staff_member=successor, by=supervisor)
    StaffMember.objects.filter(pk=counselor.pk).update(is_active=False)
    say(promised)
    assert own_plan() is not None
    assert Reminder.objects.waiting().get(kind="staff_followup_call").staff_member == successor

"""One returning client, from the phone call to the reminder, as the staff of the demo clinic see it."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.models import Client
from counseling.models import SessionNote
from groups import mentoring
from groups.models import Group, Membership
from referrals.models import Meeting
from reminders import mailbox
from reminders.models import Reminder
from staff.models import Clinic, StaffMember
from tests.browser.conftest import accessibility_faults
from tests.demo_clinic import PASSWORD
from tests.referrals.conftest import REAL
from tests.reminders.test_faults import wait_for

from .conftest import Workers

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]

REAL_FEED = REAL / "bmlt_searchresults_upstate_ny_244.json"
OWN_FEED = settings.BASE_DIR / "tests" / "referrals" / "feeds" / "synthetic_bmlt.json"


def test_from_the_call_to_the_reminder(quiet_page: Page, live_server: Any, clinic: Clinic, workers: Workers) -> None:
    page = quiet_page
    today = timezone.localdate(timezone=clinic.zone)
    sign_in(page, "intake")
    take_the_call(page)
    find_the_former_client(page)
    sign_out(page)

    sign_in(page, "counselor")
    record_the_return_to_use(page, today)
    assess_and_decide(page)
    admit(page)
    decide_what_carries_over(page)
    note = write_sign_and_add(page, today)
    nobody_changes_it(page, note)
    member = nearly_a_mentor()
    put_on_the_roster(page, member.group)
    see_who_may_mentor(page, member)
    take_the_roll(page, member.group, today)
    import_a_feed(page)
    offer_a_meeting_nearby(page)
    let_her_sign_for_reminders(page, today)
    reminder = agree_on_a_day(page, today)
    the_reminder_goes_out_once(page, reminder, workers)


def checked(page: Page) -> None:
    """Each page of the story is one that axe has nothing to say about."""
    faults = accessibility_faults(page)
    assert not faults, f"{page.url}: {faults}"


def sign_in(page: Page, who: str) -> None:
    page.goto("/")
    page.get_by_label("Email").fill(f"{who}@demo.example")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    checked(page)


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("textbox", name="Password")).to_be_visible()


def take_the_call(page: Page) -> None:
    page.get_by_role("link", name="Inquiries").click()
    page.get_by_role("link", name="Take a call").click()
    page.get_by_label("Who is calling").select_option(label="Sibling")
    page.get_by_label("Caller's name").fill("Marian Samplewood")
    page.get_by_label("Why now, in their words").fill(
        "She has been drinking again since August and says she wants to stop."
    )
    page.get_by_label("First name").fill("Rozalin")
    page.get_by_label("Last name").fill("Samplwood")
    page.get_by_role("textbox", name="Birth date").fill("1988-05-14")
    page.get_by_label("Alcohol", exact=True).check()
    page.get_by_label("Days since last use").fill("0")
    page.get_by_label("Safe callback number").fill("518 555 0142")
    page.get_by_label("What a call must not reveal").fill("Her employer answers the office line.")
    page.get_by_label("What is hard right now?").fill("She misses work, and her daughter is with me.")
    expect(page.locator("#matches")).to_contain_text("Samplewood")
    checked(page)


def find_the_former_client(page: Page) -> None:
    page.get_by_role("button", name="Save the call").last.click()
    person = page.locator("#person")
    first = person.locator(".match").first
    expect(first).to_contain_text("Roz Samplewood")
    expect(first).to_contain_text("May 14, 1988")
    checked(page)
    first.get_by_role("radio").check()
    counselor = StaffMember.objects.get(email="counselor@demo.example")
    person.get_by_label("Counselor").select_option(value=str(counselor.pk))
    with page.expect_navigation():  # the same person stands on the page before
        page.get_by_role("button", name="start readmission").click()
    expect(page.locator("#person")).to_contain_text("Samplewood")
    checked(page)


def roz() -> Client:
    return Client.objects.get(given_name="Rosalind", family_name="Samplewood")


def record_the_return_to_use(page: Page, today: datetime.date) -> None:
    page.get_by_role("link", name="Inquiries").click()
    page.get_by_role("link", name="Rozalin Samplwood").first.click()
    page.get_by_role("link", name="Record the return to use").click()
    page.get_by_label("First day of use").fill(f"{today - datetime.timedelta(days=95)}")
    page.get_by_role("group", name="Ended: how exactly it is known").get_by_label("Exact date").check()
    page.get_by_label("Last day of use").fill(f"{today}")
    page.get_by_label("Days of use").fill("80")
    first = page.get_by_role("group", name="Substance 1")
    first.get_by_label("Substance").select_option(label="Alcohol")
    first.get_by_label("Usual amount").fill("a bottle of wine an evening")
    page.get_by_label("Conflict with others").check()
    page.get_by_label("Arguing with my brother about money").check()
    page.get_by_label("New triggers").fill("An empty house after work")
    tried = page.get_by_role("group", name="Call my sister before I leave work")
    tried.get_by_label("Helped", exact=True).check()
    page.get_by_label("What was learned").fill("I stopped calling in July. The calls were what held.")
    page.get_by_label("What will change").fill("My sister calls me at five, not the other way round.")
    checked(page)
    page.get_by_role("button", name="Save and continue to assessment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Assess placement")


def assess_and_decide(page: Page) -> None:
    expect(page.get_by_label("Days used")).to_have_value("80")  # from the return to use just recorded
    for question in ("Seizure, confusion", "Suicidal intent", "Suicidal behavior", "An overdose since", "Pregnant"):
        page.get_by_role("group", name=question).get_by_label("No", exact=True).check()
    page.get_by_role("group", name="Drank daily").get_by_label("Yes", exact=True).check()
    page.get_by_role("group", name="History of withdrawal seizure").get_by_label("No", exact=True).check()
    page.get_by_label("What the client wants").fill("To be home for her daughter at night.")
    expect(page.locator("#so-far")).to_contain_text("CIWA-Ar")
    checked(page)
    page.get_by_role("button", name="Save and see suggestion").click()

    suggested = page.get_by_role("region", name="Suggested")
    expect(suggested).to_contain_text("Not enough information")
    suggested.get_by_role("link", name="a withdrawal assessment for alcohol (CIWA-Ar)").click()
    page.get_by_label("CIWA-Ar").fill("7")
    page.get_by_role("button", name="Save and see suggestion").click()
    expect(suggested).to_contain_text("Residential or more")
    expect(suggested.get_by_role("row", name="D3")).to_contain_text("Used on 80 of 96 days")
    expect(suggested.get_by_role("row", name="W3")).to_contain_text("withdrawal may still start")
    expect(suggested).to_contain_text("a PHQ-9")  # what is missing
    checked(page)

    page.get_by_role("radio", name="Intensive outpatient").check()
    page.get_by_label("Level of care").select_option(label="2.1 · Intensive outpatient")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("The decision differs from the suggestion. Enter a reason.")).to_be_visible()
    page.get_by_label("Reason, if different").fill("Her sister stays with her; the physician sees her daily this week.")
    page.get_by_role("button", name="Decide").click()


def admit(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Admit")
    expect(page.get_by_text("The new episode links to it")).to_be_visible()
    checked(page)
    program = page.get_by_label("Program")
    program.select_option(label=program.locator("option", has_text="level 2.1").first.inner_text())
    page.get_by_label("Level of care").select_option(label="2.1 · Intensive outpatient")
    page.get_by_role("button", name="Admit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Carry-over")


def decide_what_carries_over(page: Page) -> None:
    board = page.locator("#carry-board")
    for kind in ("Discharge plan", "Triggers", "Warning signs", "Coping strategies", "Open goals"):
        expect(board.get_by_role("region", name=kind).get_by_role("listitem").first).to_be_visible()
    expect(board).to_contain_text("Arguing with my brother about money")
    expect(page.get_by_role("region", name="What was known and what happened")).to_contain_text("Held")
    checked(page)
    origin = board.get_by_role("region", name="Open goals").get_by_role("listitem").first
    origin.locator("summary", has_text="History").click()
    expect(origin.get_by_text("Set on")).to_be_visible()
    lines = board.locator("[data-line]")
    total = lines.count()
    expect(page.locator("#carry-progress")).to_contain_text(f"0 of {total}")
    for number in range(total):
        lines.nth(number).get_by_role("group", name="Decision").get_by_role("button").first.click()
        expect(page.locator("#carry-progress")).to_contain_text(f"{number + 1} of {total}")
    page.get_by_role("link", name="Treatment plan", exact=True).click()
    expect(page.get_by_role("article")).to_have_count(1)  # one goal was open, and it is taken up once
    expect(page.get_by_role("article")).to_contain_text("Sleep six hours without sedatives")
    expect(page.get_by_role("article")).to_contain_text(
        re.compile(r"Carried over from\s.*Intensive outpatient", re.DOTALL)
    )
    checked(page)


def write_sign_and_add(page: Page, today: datetime.date) -> SessionNote:
    page.get_by_role("navigation", name="Chart").get_by_role("link", name="Notes").click()
    page.get_by_role("link", name="New note").click()
    page.get_by_role("button", name="DAP").click()
    expect(page.get_by_role("heading", name="Earlier notes")).to_be_visible()
    earlier = page.locator("#earlier-notes")
    expect(earlier).to_contain_text(re.compile("20[0-9][0-9]"))
    page.get_by_label("Data", exact=True).fill("Came early, with her sister. Spoke of the calls that held until July.")
    page.get_by_label("Assessment", exact=True).fill("Clear about what held. The house at five is the hardest hour.")
    page.get_by_label("Plan", exact=True).fill("Sister calls at five each day. Meeting on Tuesday.")
    page.get_by_label("Sleep six hours without sedatives").check()
    expect(page.locator("[data-save-state]")).to_contain_text("Draft saved")
    checked(page)
    page.get_by_role("button", name="Continue to sign").click()
    expect(page.get_by_label("Your password")).to_be_visible()  # it saves first, then goes on
    checked(page)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Unchanged since signing")).to_be_visible()
    page.get_by_text("Add an addendum").click()
    page.get_by_label("Reason").fill("A detail came by telephone")
    page.get_by_label("Addendum").fill("Her sister confirms: every day at five, from today.")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Add addendum").click()
    expect(page.get_by_role("heading", name="Addenda")).to_be_visible()
    expect(page.get_by_text("every day at five, from today")).to_be_visible()
    checked(page)
    return SessionNote.objects.filter(client=roz(), signed_at__isnull=False).latest("signed_at")


def nobody_changes_it(page: Page, note: SessionNote) -> None:
    """Not on its page, not in the admin, not with SQL."""
    expect(page.get_by_role("textbox", name="Plan")).to_have_count(0)
    page.goto(reverse("counseling:note_edit", args=[note.client_id, note.pk]))
    expect(page.get_by_role("textbox", name="Plan")).to_have_count(0)
    for change in ("sections = '{}'", "signed_at = NULL", "session_started_at = now()"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE counseling_sessionnote SET {change} WHERE id = %s", [note.pk])
    with pytest.raises(DatabaseError), transaction.atomic():
        SessionNote.objects.filter(pk=note.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        SessionNote.objects.filter(pk=note.pk).update(sections={})
    before = note.sections
    note.refresh_from_db()
    assert note.sections == before


def nearly_a_mentor() -> Membership:
    """A member of the counselor's own clients and group who lacks no more than steps that two people can take today."""
    counselor = StaffMember.objects.get(email="counselor@demo.example")
    today = timezone.localdate(timezone=counselor.clinic.zone)
    steps = {"agreement", "approval", "orientation"}
    theirs = Membership.objects.filter(
        group__in=Group.objects.facilitated_by(counselor), client__in=Client.objects.visible_to(counselor)
    )
    for membership in theirs.current(today).select_related("client__clinic", "group"):
        judged = mentoring.eligibility(membership, today)
        if not judged.eligible and {reason.key.value for reason in judged.reasons if not reason.met} <= steps:
            return membership
    raise AssertionError("The demo clinic has nobody who could become a mentor.")


def put_on_the_roster(page: Page, group: Group) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Groups").click()
    page.get_by_role("link", name=group.name).first.click()
    page.get_by_label("Client", exact=True).fill("Samplewood 1988")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("button", name="Add Roz Samplewood").click()
    expect(page.get_by_role("region", name="Roster")).to_contain_text("Roz S.")
    checked(page)


def see_who_may_mentor(page: Page, member: Membership) -> None:
    roster = page.get_by_role("region", name="Roster")
    roster.get_by_role("link", name="Roz S.").first.click()
    why = page.get_by_role("region", name="Peer mentor?")
    expect(why).to_contain_text("Not yet")
    expect(why.locator(".criterion.is-not-met").first).to_be_visible()
    expect(why.get_by_role("button", name="Appoint")).to_have_count(0)
    checked(page)

    page.goto(f"/groups/{member.group_id}/members/{member.pk}/")
    for step in ("Record agreement", "Approve", "Record orientation"):
        button = why.get_by_role("button", name=step)
        if button.count():
            with page.expect_navigation():
                button.click()
    expect(why).to_contain_text("Eligible")
    checked(page)
    why.get_by_role("button", name="Appoint").click()
    expect(page.get_by_role("region", name="Peer mentor")).to_contain_text("Mentoring")
    page.goto(f"/groups/{member.group_id}/")
    expect(roster.get_by_role("row", name=member.client.roster_name)).to_contain_text("Peer mentor")
    checked(page)


def take_the_roll(page: Page, group: Group, today: datetime.date) -> None:
    """Of a session that is put in today, whatever weekday it is."""
    page.get_by_role("link", name="Sessions", exact=True).click()
    page.get_by_text("Add one session").click()
    begun = timezone.localtime(timezone=group.clinic.zone) - datetime.timedelta(hours=1)
    begun = max(
        begun, begun.replace(hour=0, minute=0) if begun.date() == today else begun + datetime.timedelta(hours=1)
    )
    page.get_by_label("Start").fill(f"{begun:%Y-%m-%dT%H:%M}")
    page.get_by_label("Topic").fill("The hardest hour of the day")
    page.get_by_role("button", name="Add session").click()
    page.get_by_role("link", name=f"{begun:%a, %b} {begun.day}, {begun:%Y, %-I:%M %p}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Attendance")
    row = page.locator(".roll__row", has_text="Roz S.")
    row.get_by_role("radio", name="Present").check()
    checked(page)
    page.get_by_role("button", name="Mark everyone present").click()
    expect(page.get_by_text("Attendance saved.")).to_be_visible()
    expect(page.get_by_role("article", name="Roz S.")).to_contain_text("Present, 90 minutes")
    checked(page)


def import_a_feed(page: Page) -> None:
    """A list that a service body publishes: the real one where it is at hand, else one made in its likeness."""
    page.get_by_role("link", name="Meeting feeds").click()
    page.get_by_role("link", name="Add feed").click()
    page.get_by_role("main").get_by_label("Name").fill("Upstate New York")
    page.get_by_label("Fellowship").select_option(label="Narcotics Anonymous")
    page.get_by_label("Format").select_option(label="BMLT (Narcotics Anonymous)")
    page.get_by_label("Time zone").fill("America/New_York")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("File").set_input_files(REAL_FEED if REAL_FEED.exists() else OWN_FEED)
    page.get_by_role("button", name="Import file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Import of")
    listed = Meeting.objects.filter(feed__name="Upstate New York").count()
    assert listed == (244 if REAL_FEED.exists() else listed) > 0
    expect(page.locator(".ow-stat", has_text="new")).to_contain_text(str(listed))
    checked(page)


def on_her_clock(hour: datetime.time) -> datetime.datetime:
    """Next Tuesday at an hour where the meetings are, as she says it: days and hours are the client's own."""
    client = roz()
    today = timezone.localdate(timezone=client.clinic.zone)
    tuesday = today + datetime.timedelta(days=(1 - today.weekday()) % 7)
    return datetime.datetime.combine(tuesday, hour, tzinfo=client.clinic.zone).astimezone(client.zone)


def offer_a_meeting_nearby(page: Page) -> None:
    """Narcotics Anonymous, not far from where she lives, on Tuesday evening."""
    page.goto(f"/clients/{roz().pk}/referrals/")
    page.get_by_role("link", name="Find a meeting").first.click()
    page.get_by_label("Narcotics Anonymous", exact=True).check()
    expect(page.get_by_label("Home, ZIP code 12180")).to_be_checked()
    page.get_by_label("Within", exact=True).select_option(label="10 miles")
    hers = on_her_clock(datetime.time(19 if REAL_FEED.exists() else 18))
    page.get_by_label("Day", exact=True).select_option(label=f"{hers:%A}")
    page.get_by_text("More about the meeting").click()
    page.get_by_label("Not before").fill(f"{hers:%H:%M}")
    page.get_by_role("button", name="Find", exact=True).click()
    found = page.get_by_role("region", name="Meetings found").locator(".meeting")
    chosen = found.filter(has_text="How and Why" if REAL_FEED.exists() else "mi").first
    expect(chosen).to_contain_text("Narcotics Anonymous")
    expect(chosen.locator(".meeting__miles")).to_have_text(re.compile(r"\d\.\d mi"))
    checked(page)
    chosen.get_by_role("heading").get_by_role("link").click()
    page.get_by_label("Experience and concerns").fill("Went once in 2019 and felt watched. A small group would suit.")
    page.get_by_role("button", name="Offer meeting").click()


def let_her_sign_for_reminders(page: Page, today: datetime.date) -> None:
    """Without her consent no message goes out, and the page says so before a day is agreed on."""
    to_consent = page.get_by_role("link", name="Record a consent to reminders")
    expect(to_consent).to_be_visible()
    referral = page.url
    to_consent.click()
    page.get_by_label("Number or address").select_option(label="Email: roz@mail.example")
    page.get_by_label("Expires on").fill(f"{today + datetime.timedelta(days=365)}")
    page.get_by_label("The form states the right to revoke").check()
    page.get_by_role("textbox", name="Signature").fill("Rosalind Samplewood")
    page.get_by_label("Signed on").fill(f"{today}")
    checked(page)
    page.get_by_role("button", name="Activate consent").click()
    expect(page.get_by_text("Consent activated.")).to_be_visible()
    page.goto(referral)
    expect(page.get_by_role("link", name="Record a consent to reminders")).to_have_count(0)


def agree_on_a_day(page: Page, today: datetime.date) -> Reminder:
    tuesday = today + datetime.timedelta(days=(1 - today.weekday()) % 7 or 7)
    page.get_by_role("textbox", name="Day").fill(f"{tuesday}")
    page.get_by_role("button", name="Save plan").click()
    table = page.get_by_role("region", name="Reminders")
    expect(table).to_contain_text("the client")
    checked(page)
    reminder = Reminder.objects.get(client=roz(), kind="client_meeting_followup", state="pending")
    assert reminder.due_at.astimezone(roz().zone).date() > tuesday
    day = reminder.due_at.astimezone(roz().clinic.zone)  # the page is read by the clinic's clock
    expect(table.get_by_role("row", name="the client")).to_contain_text(f"{day:%b} {day.day}")
    return reminder


def the_reminder_goes_out_once(page: Page, reminder: Reminder, workers: Workers) -> None:
    """The days until it is due are let pass in its row; the workers, the broker and the provider are the real ones."""
    Reminder.objects.filter(pk=reminder.pk).update(due_at=timezone.now())
    workers.start()
    workers.start()
    for _ in range(3):
        workers.do("send_due_reminders")
    settled = Reminder.objects.filter(pk=reminder.pk).exclude(state__in=["pending", "claimed"])
    wait_for(settled.exists, "the reminder to leave the outbox")
    reminder.refresh_from_db()
    assert (reminder.state, reminder.reason) == ("sent", "")
    assert workers.took()[f"took-reminder-{reminder.pk}"] == 1
    to_roz = [letter for letter in mailbox.letters() if letter.to == "roz@mail.example"]
    assert len(to_roz) == 1
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reminders").click()
    page.get_by_role("link", name="Demo mailbox").click()
    page.get_by_role("link", name="roz@mail.example").click()
    letter = page.get_by_role("article")
    expect(letter).to_contain_text("roz@mail.example")
    for word in ("Narcotics", "meeting", "recovery", "counsel", "clinic", "Onward", "Demo", "sober"):
        expect(letter).not_to_contain_text(re.compile(word, re.IGNORECASE))
    checked(page)
    page.goto(f"/clients/{roz().pk}/reminders/")
    before = page.get_by_role("table", name="Past")
    expect(before).to_contain_text("Sent")
    checked(page)
    page.goto(f"/clients/{roz().pk}/")
    expect(page.get_by_role("main")).to_contain_text("Intensive outpatient")
    expect(page.locator(".timeline svg[role=group]")).to_be_visible()
    checked(page)

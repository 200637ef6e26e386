"""The pages: finding a meeting, referring a client to it, keeping the feeds; and who must not see them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.forms import modelform_factory
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from referrals import chart, feeds, finder, matching, referring, tasks
from referrals.fellowships import Fellowship
from referrals.models import ImportRun, Meeting, MeetingFeed, MeetingVisit, Referral, SameMeeting
from reminders.models import Reminder
from staff.models import AuditEntry, Clinic, StaffMember
from tests import factories

from .conftest import own
from .test_import import rows

SignIn = Callable[[StaffMember], Browser]
Make = Callable[..., Meeting]


def queries(desk: Browser, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert desk.get(url).status_code == 200
    return len(caught)


def test_finding_a_meeting_near_a_zip_on_an_evening(desk: Browser, make_meeting: Make) -> None:
    make_meeting(name="Near, Tuesday evening", types=["O"])
    make_meeting(name="Near, Tuesday noon", start=datetime.time(12))
    make_meeting(name="Far", latitude=40.7, longitude=-74.0)
    make_meeting(name="NA, Tuesday evening", fellowship="na")
    page = desk.get(
        reverse("referrals:finder"),
        {"near": "12207", "within": "10", "weekday": "2", "after": "18:00", "program": "aa"},
    ).content.decode()
    assert "Near, Tuesday evening" in page
    for other in ("Near, Tuesday noon", ">Far<", "NA, Tuesday evening"):
        assert other not in page
    assert "0.0 mi" in page or "1." in page


def test_every_fellowship_is_offered_alike(desk: Browser) -> None:
    page = desk.get(reverse("referrals:finder")).content.decode()
    for each in Fellowship:
        assert f'value="{each.value}"' in page
    labels = [str(label) for value, label in Fellowship.choices if value != "other"]
    assert labels == sorted(labels, key=str.casefold)


def test_a_place_we_do_not_know_is_said_and_the_rest_is_kept(desk: Browser, make_meeting: Make) -> None:
    make_meeting()
    page = desk.get(reverse("referrals:finder"), {"near": "00000", "weekday": "2"}).content.decode()
    assert "Place not found" in page
    assert 'value="00000"' in page


@pytest.mark.parametrize(
    "query", ["weekday=9", "after=late", "program=nobody", "page=x", "types=ZZ&program=aa", "how=x"]
)
def test_nonsense_in_the_address_does_no_harm(desk: Browser, make_meeting: Make, query: str) -> None:
    make_meeting()
    assert desk.get(f"{reverse('referrals:finder')}?{query}").status_code == 200


def test_htmx_gets_the_results_only(desk: Browser, make_meeting: Make) -> None:
    make_meeting(name="Example one")
    answer = desk.get(reverse("referrals:finder"), headers={"HX-Request": "true"})
    assert "Example one" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert "HX-Request" in answer.headers["Vary"]


def test_the_number_of_queries_stays_the_same(desk: Browser, make_meeting: Make, client_record: Client) -> None:
    finder_url = reverse("referrals:finder")
    make_meeting()
    desk.get(finder_url)
    with_one = queries(desk, finder_url)
    make_meeting(), make_meeting()
    assert queries(desk, finder_url) == with_one

    by = client_record.care_team.get().staff_member
    pages = [reverse("referrals:referrals"), reverse("referrals:client_referrals", args=[client_record.pk])]
    referring.offer(client=client_record, meeting=Meeting.objects.first(), by=by)
    before = [queries(desk, url) for url in pages]
    for meeting in Meeting.objects.all()[1:]:
        referring.offer(client=client_record, meeting=meeting, by=by)
    assert [queries(desk, url) for url in pages] == before


def test_from_finding_to_the_scheduled_reminder(
    desk: Browser, make_meeting: Make, client_record: Client, counselor: StaffMember
) -> None:
    meeting = make_meeting(name="Example Tuesday")
    finder_url = reverse("referrals:client_finder", args=[client_record.pk])
    assert desk.get(reverse("referrals:finder"), {"client": client_record.pk}).url == finder_url
    meeting_url = reverse("referrals:client_meeting", args=[client_record.pk, meeting.pk])
    assert meeting_url in desk.get(finder_url).content.decode()
    assert "Offer this meeting" in desk.get(meeting_url).content.decode()
    answer = desk.post(meeting_url, {"experience": "Went once, long ago."}, follow=True)
    referral = Referral.objects.get()
    page = reverse("referrals:referral", args=[client_record.pk, referral.pk])
    assert answer.redirect_chain == [(page, 302)]

    day = finder.find(now=timezone.now()).get(pk=meeting.pk).next_start.astimezone(meeting.zone).date()
    wrong = day + datetime.timedelta(days=1)
    step = reverse("referrals:step", args=[client_record.pk, referral.pk, "plan"])
    refused = desk.post(step, {"plan-on": wrong.isoformat(), "plan-note": "after work"}).content.decode()
    assert "this meeting is on Tuesdays" in refused
    assert "after work" in refused  # what was typed is kept
    done = desk.post(step, {"plan-on": day.isoformat(), "plan-remind_client": "on"}, follow=True).content.decode()
    assert "After a mutual-help meeting" in done
    assert Reminder.objects.filter(client=client_record, kind="client_meeting_followup", state="pending").count() == 1

    visit = reverse("referrals:step", args=[client_record.pk, referral.pk, "visit"])
    today = timezone.localdate(timezone=client_record.clinic.zone)
    said = {"visit-visited_on": today.isoformat(), "visit-attended": "yes", "visit-note": "went early"}
    asked = desk.post(visit, said).content.decode()
    assert "is before the planned day" in asked
    assert MeetingVisit.objects.count() == 0
    assert asked.count('name="visit-other_day"') == 2  # a choice of two, not a hidden field
    assert "Another visit. The plan stays" in asked
    assert "Instead of the planned one" in asked
    assert "went early" in asked
    assert Referral.objects.with_state().get().state == "planned"
    desk.post(visit, said | {"visit-other_day": "another"})
    assert Referral.objects.with_state().get().state == "attended"
    assert Referral.objects.with_state().get().promised_for is not None
    panel = chart.panel(client=client_record, staff_member=counselor, now=timezone.now())
    assert panel is not None
    assert panel.context["visits"] == 1


def test_offering_a_fellowship_and_recording_involvement(desk: Browser, client_record: Client) -> None:
    args = [client_record.pk]
    desk.post(reverse("referrals:offer", args=args), {"offer-fellowship": "smart", "offer-experience": ""})
    assert Referral.objects.get().fellowship == "smart"
    twice = desk.post(reverse("referrals:offer", args=args), {"offer-fellowship": "smart"}).content.decode()
    assert "already offered" in twice
    today = timezone.localdate(timezone=client_record.clinic.zone).isoformat()
    desk.post(reverse("referrals:involvement", args=args), {"on": today, "sponsor": "true", "service": "false"})
    row = client_record.involvements.get()
    assert (row.sponsor, row.service, row.literature) == (True, False, None)
    assert "has a sponsor" in desk.get(reverse("referrals:client_referrals", args=args)).content.decode()


def test_referrals_by_state(desk: Browser, client_record: Client, counselor: StaffMember, make_meeting: Make) -> None:
    open_one = referring.offer(client=client_record, meeting=make_meeting(name="Example open"), by=counselor)
    closed = referring.offer(client=client_record, meeting=make_meeting(name="Example closed"), by=counselor)
    referring.decline(referral=closed, by=counselor)
    url = reverse("referrals:referrals")

    def shown(**query: str) -> set[int]:
        return {referral.pk for referral in desk.get(url, query).context["page"]}

    assert shown() == {open_one.pk}
    assert shown(state="all") == {open_one.pk, closed.pk}
    assert shown(state="declined") == {closed.pk}
    assert shown(state="all", fellowship="na") == set()


def test_every_page_of_a_referral_is_under_its_tab(
    desk: Browser, client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    meeting, args = make_meeting(name="Example"), [client_record.pk]
    referral = referring.offer(client=client_record, meeting=meeting, by=counselor)
    tab = f'<a href="{reverse("referrals:client_referrals", args=args)}" aria-current="page">'
    for page in (
        reverse("referrals:client_finder", args=args),
        reverse("referrals:client_meeting", args=[*args, meeting.pk]),
        reverse("referrals:guide_stage", args=[*args, "choose"]),
        reverse("referrals:referral", args=[*args, referral.pk]),
        reverse("referrals:service_refer", args=args),
    ):
        assert desk.get(page).content.decode().count(tab) == 1, page


def test_other_peoples_clients_are_not_there(
    signed_in: SignIn,
    client_record: Client,
    counselor: StaffMember,
    make_staff: Callable[..., StaffMember],
    make_client: Callable[..., Client],
    other_clinic: Clinic,
    make_meeting: Make,
) -> None:
    meeting = make_meeting(name="Example secret place")
    referral = referring.offer(client=client_record, meeting=meeting, by=counselor)
    stranger_client = make_client()
    for stranger in (make_staff("counselor"), factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")):
        desk = signed_in(stranger)
        for url in (
            reverse("referrals:client_referrals", args=[client_record.pk]),
            reverse("referrals:client_finder", args=[client_record.pk]),
            reverse("referrals:client_meeting", args=[client_record.pk, meeting.pk]),
            reverse("referrals:referral", args=[client_record.pk, referral.pk]),
        ):
            assert desk.get(url).status_code == 404, url
        step = reverse("referrals:step", args=[client_record.pk, referral.pk, "decline"])
        assert desk.post(step).status_code == 404
        assert "Example secret place" not in desk.get(reverse("referrals:referrals")).content.decode()
    # a referral under another client's address is not there either
    other = reverse("referrals:referral", args=[stranger_client.pk, referral.pk])
    assert signed_in(counselor).get(other).status_code == 404
    assert referring.state_of(referral) == "offered"


def test_meetings_of_another_clinic_are_found_only_if_shared(
    signed_in: SignIn, other_clinic: Clinic, make_meeting: Make, feed: MeetingFeed
) -> None:
    meeting = make_meeting(name="Example theirs")
    desk = signed_in(factories.StaffMemberFactory(clinic=other_clinic, role="counselor"))
    assert "Example theirs" not in desk.get(reverse("referrals:finder")).content.decode()
    assert desk.get(reverse("referrals:meeting", args=[meeting.pk])).status_code == 404
    feed.is_shared = True
    feed.save()
    assert "Example theirs" in desk.get(reverse("referrals:finder")).content.decode()
    assert desk.get(reverse("referrals:feed", args=[feed.pk])).status_code == 404  # theirs to import


def test_reading_only_for_medical_staff(
    signed_in: SignIn, medical: StaffMember, client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    referral = referring.offer(client=client_record, meeting=make_meeting(), by=counselor)
    desk = signed_in(medical)
    page = desk.get(reverse("referrals:referral", args=[client_record.pk, referral.pk]))
    assert page.status_code == 200
    assert "Next step" not in page.content.decode()
    step = reverse("referrals:step", args=[client_record.pk, referral.pk, "decline"])
    assert desk.post(step).status_code == 403


def upload(payload: Any) -> SimpleUploadedFile:
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return SimpleUploadedFile("example.json", content, "application/json")


def test_importing_a_file_and_reading_the_report(signed_in: SignIn, administrator: StaffMember) -> None:
    desk = signed_in(administrator)
    added = desk.post(
        reverse("referrals:feed_new"),
        {"name": "Example County", "fellowship": "aa", "format": "meeting-guide", "is_active": "on"},
    )
    feed = MeetingFeed.objects.get()
    assert added.url == reverse("referrals:feed", args=[feed.pk])
    action = reverse("referrals:feed_import", args=[feed.pk])
    report = desk.post(action, {"file": upload(own("synthetic_meeting_guide.json"))}, follow=True).content.decode()
    assert "isn’t a day of the week" in report
    assert "Example Eighth Day" in report
    assert feed.meetings.count() == 8
    broken = desk.post(action, {"file": upload(b"<html>")}, follow=True).content.decode()
    assert "Import failed" in broken
    assert feed.meetings.current().count() == 8
    assert "8" in desk.get(reverse("referrals:feeds")).content.decode()
    assert "required" in desk.post(action, {}).content.decode()
    assert ImportRun.objects.count() == 2


def test_a_drop_is_confirmed_on_the_page(signed_in: SignIn, administrator: StaffMember, feed: MeetingFeed) -> None:
    feeds.import_feed(feed=feed, payload=rows(20), at=timezone.now())
    desk = signed_in(administrator)
    action = reverse("referrals:feed_import", args=[feed.pk])
    assert "Use the shorter list" in desk.post(action, {"file": upload(rows(2))}, follow=True).content.decode()
    desk.post(action, {"file": upload(rows(2)), "confirm_drop": "on"})
    assert feed.meetings.current().count() == 2


def test_an_address_inside_is_reported_not_fetched(
    signed_in: SignIn, administrator: StaffMember, feed: MeetingFeed
) -> None:
    feed.url = "http://127.0.0.1:9/meetings.json"
    feed.save()
    action = reverse("referrals:feed_import", args=[feed.pk])
    browser = signed_in(administrator)
    assert "Import started" in browser.post(action, {}, follow=True).content.decode()
    assert not ImportRun.objects.exists()  # the page fetches nothing
    assert tasks.import_ordered_feed() == 1
    page = browser.get(reverse("referrals:run", args=[ImportRun.objects.get().pk])).content.decode()
    assert "on a private network" in page


def test_feeds_are_not_everybodys(signed_in: SignIn, privacy_officer: StaffMember, feed: MeetingFeed) -> None:
    desk = signed_in(privacy_officer)
    for url in (
        reverse("referrals:feeds"),
        reverse("referrals:feed", args=[feed.pk]),
        reverse("referrals:feed_edit", args=[feed.pk]),
    ):
        assert desk.get(url).status_code == 403


def test_the_administration(
    signed_in: SignIn, administrator: StaffMember, make_meeting: Make, feed: MeetingFeed, other_clinic: Clinic
) -> None:
    make_meeting(name="Example here")
    run = feeds.import_feed(feed=feed, payload=own("synthetic_meeting_guide.json"), at=timezone.now())
    MeetingFeed.objects.create(clinic=other_clinic, name="Not ours", fellowship="aa")
    desk = signed_in(administrator)
    for model in ("meetingfeed", "meeting", "importrun"):
        page = desk.get(reverse(f"admin:referrals_{model}_changelist")).content.decode()
        assert "Not ours" not in page
    change = reverse("admin:referrals_importrun_change", args=[run.pk])
    page = desk.get(change).content.decode()
    assert "isn’t a day of the week" in page
    assert 'name="_save"' not in page
    assert desk.get(reverse("admin:referrals_meetingfeed_change", args=[feed.pk])).status_code == 200
    assert desk.get(reverse("admin:referrals_meetingfeed_add")).status_code == 200
    added = desk.post(
        reverse("admin:referrals_meetingfeed_add"),
        {"name": "From the administration", "fellowship": "na", "format": "bmlt", "often": "1", "is_active": "on"},
    )
    assert added.status_code == 302
    assert MeetingFeed.objects.get(name="From the administration").clinic == administrator.clinic


@pytest.mark.parametrize("turned", ["off", "private"])
def test_a_feed_turned_off_in_the_administration_hides_no_meeting_of_another(
    signed_in: SignIn,
    administrator: StaffMember,
    make_meeting: Make,
    feed: MeetingFeed,
    other_clinic: Clinic,
    turned: str,
) -> None:
    """As on the feed's own page: which listing leads is found out again, and it is the same act."""
    other = MeetingFeed.objects.create(clinic=other_clinic, name="Theirs", fellowship="aa", priority=1)
    MeetingFeed.objects.filter(pk=feed.pk).update(is_shared=True)
    make_meeting(name="Example")
    behind = make_meeting(name="Example", feed=other)
    matching.match_for(clinics=[other_clinic.pk], at=timezone.now())
    hidden = SameMeeting.objects.filter(clinic=other_clinic, undone_at=None, listing=behind)
    assert hidden.exists()
    sent = {"name": feed.name, "fellowship": "aa", "format": feed.format, "often": "1"}
    sent |= {"is_shared": "on"} if turned == "off" else {"is_active": "on"}
    answer = signed_in(administrator).post(reverse("admin:referrals_meetingfeed_change", args=[feed.pk]), sent)
    assert answer.status_code == 302
    feed.refresh_from_db()
    assert (feed.is_active, feed.is_shared) == ((False, True) if turned == "off" else (True, False))
    assert not hidden.exists()
    assert AuditEntry.objects.filter(act="referrals.change_feed", staff_member=administrator).count() == 1


def test_what_is_kept_by_hand_is_no_list_in_the_administration(
    signed_in: SignIn, administrator: StaffMember, clinic: Clinic
) -> None:
    by_hand = MeetingFeed.objects.create(clinic=clinic, name="Own", fellowship="aa", format="own", often=0)
    desk = signed_in(administrator)
    page = desk.get(reverse("admin:referrals_meetingfeed_change", args=[by_hand.pk])).content.decode()
    assert 'name="_save"' not in page
    facts = {"name": "Another", "fellowship": "aa", "format": "own", "often": "1", "is_active": "on"}
    assert desk.post(reverse("admin:referrals_meetingfeed_add"), facts).status_code == 200
    assert not MeetingFeed.objects.filter(name="Another").exists()


@pytest.mark.filterwarnings("error::DeprecationWarning")
def test_an_address_without_a_scheme_is_one_of_https(clinic: Clinic) -> None:
    form = modelform_factory(MeetingFeed, fields=["url"])({"url": "meetings.example/feed.json"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["url"] == "https://meetings.example/feed.json"

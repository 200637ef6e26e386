"""A handout of up to three meetings: opened by an iCalendar library and a PDF reader, and naming nobody."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from icalendar import Calendar
from pypdf import PdfReader

from cases.models import Client
from referrals import guide, handout, handout_words, referring
from referrals.models import Meeting
from reminders.languages import Language
from reminders.revealing import revealing_words
from staff.models import Clinic, StaffMember
from staff.paper.codes import Code
from tests import factories
from tests.reading import as_read

from .conftest import sent_by

pytestmark = pytest.mark.django_db
Make = Callable[..., Meeting]
ZONE = "Pacific/Honolulu"
PLACE = {"address": "10 Example St, Albany, NY 12207", "venue": "Example Church"}
DAY = datetime.timedelta(days=1)


def get(desk: Browser, *meetings: Meeting, page: str = "handout", language: Language = Language.ENGLISH) -> Any:
    return desk.get(handout.address([each.pk for each in meetings], language, page))


def events(desk: Browser, *meetings: Meeting, **asked: Any) -> list[Any]:
    answer = get(desk, *meetings, page="handout_calendar", **asked)
    assert answer["Content-Type"].startswith("text/calendar")
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def pdf_of(desk: Browser, *meetings: Meeting, **asked: Any) -> PdfReader:
    answer = get(desk, *meetings, page="handout_pdf", **asked)
    assert answer["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def words_of(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def links_of(pdf: PdfReader) -> list[str]:
    marks = [mark.get_object() for page in pdf.pages for mark in page.get("/Annots", [])]
    return [mark["/A"]["/URI"] for mark in marks]


@time_machine.travel("2026-03-02T12:00Z", tick=False)  # a Monday
def test_the_page_and_the_pdf_say_when_where_how_and_the_notes(desk: Browser, make_meeting: Make) -> None:
    church = make_meeting(name="Example Lantern", types=["O", "X"], notes="No meeting on the last Tuesday.", **PLACE)
    late = make_meeting(
        name="Example Night", fellowship="na", weekday=6, start=datetime.time(23, 30), duration=90, **PLACE
    )
    online = make_meeting(
        name="Example Screen",
        attendance="online",
        time_zone="America/Los_Angeles",
        conference_url="https://zoom.us/j/5550100",
        conference_phone="+15185550100",
    )
    page = " ".join(re.sub(r"<[^>]+>", " ", get(desk, church, late, online).content.decode()).split())
    pdf = pdf_of(desk, church, late, online)
    assert len(pdf.pages) == 1
    for words in (
        "Example Lantern",
        "Alcoholics Anonymous",
        "Every Tuesday, 7:00 PM to 8:00 PM",
        "Tuesday, Mar 3",
        "Example Church, 10 Example St, Albany, NY 12207",
        "Open, Wheelchair access",
        "No meeting on the last Tuesday.",
        "Narcotics Anonymous",
        "Every Saturday, 11:30 PM to 1:00 AM",
        "Every Tuesday, 7:00 PM to 8:00 PM, Pacific time (10:00 PM Eastern time)",
        "https://zoom.us/j/5550100",
        "(518) 555-0100",
        "As listed on Mar 2, 2026.",
    ):
        assert words in page, words
        assert words in words_of(pdf), words


def test_codes_lead_there_by_coordinates_or_address_and_online(desk: Browser, make_meeting: Make) -> None:
    exact = make_meeting(**PLACE)
    by_zip = make_meeting(located_by="zip", **PLACE)
    area = make_meeting(approximate=True, address="Albany, NY")
    both = make_meeting(attendance="hybrid", conference_url="https://zoom.us/j/5550100", **PLACE)
    start = "https://www.google.com/maps/dir/?api=1&destination="
    assert handout.directions(exact) == f"{start}42.652600%2C-73.756200"
    assert handout.directions(by_zip) == f"{start}10+Example+St%2C+Albany%2C+NY+12207"
    assert handout.directions(area) == ""
    assert handout.directions(make_meeting(attendance="online")) == ""
    assert links_of(pdf_of(desk, both)) == [handout.directions(both), "https://zoom.us/j/5550100"]
    assert links_of(pdf_of(desk, area)) == []
    page = get(desk, both).content.decode()
    assert page.count('class="handout__code"') == 2
    assert Code("", handout.directions(both)).path in page


def test_a_code_is_the_squares_of_its_link() -> None:
    """The finder patterns of a QR code stand in three corners; a run of dark squares is drawn once."""
    code = Code("Directions", "https://example.org/")
    edge = (True,) * 7
    assert code.rows[0][:7] == code.rows[0][-7:] == code.rows[-1][:7] == edge
    assert (4, 4, 7) in list(code.dark())
    assert sum(wide for _, _, wide in code.dark()) == sum(map(sum, code.rows))
    assert code.path.startswith("M4 4h7v1h-7z")


@pytest.mark.parametrize(
    ("zone", "now", "changes_on"),
    [
        ("America/New_York", "2026-03-02T12:00Z", datetime.date(2026, 3, 8)),
        ("America/New_York", "2026-10-26T12:00Z", datetime.date(2026, 11, 1)),
        ("Europe/London", "2026-03-23T12:00Z", datetime.date(2026, 3, 29)),
        ("Australia/Sydney", "2026-03-30T12:00Z", datetime.date(2026, 4, 5)),
        ("America/Phoenix", "2026-03-02T12:00Z", datetime.date(2026, 3, 8)),
    ],
)
def test_each_week_at_the_same_time_by_the_clock_there(
    desk: Browser, make_meeting: Make, zone: str, now: str, changes_on: datetime.date
) -> None:
    meeting = make_meeting(time_zone=zone, weekday=4, start=datetime.time(19))  # Thursdays, before and after
    with time_machine.travel(now, tick=False):
        content = get(desk, meeting, page="handout_calendar").content
    assert b"BEGIN:VTIMEZONE" in content
    assert f"DTSTART;TZID={zone}:".encode() in content
    first = changes_on - 3 * DAY
    times = recurring_ical_events.of(Calendar.from_ical(content)).between(first - 7 * DAY, first + 22 * DAY)
    there = ZoneInfo(zone)
    wanted = [datetime.datetime.combine(first + week * 7 * DAY, datetime.time(19), there) for week in range(4)]
    starts = sorted(each["DTSTART"].dt.astimezone(datetime.UTC) for each in times)
    assert starts == [each.astimezone(datetime.UTC) for each in wanted]
    assert {each["DTEND"].dt - each["DTSTART"].dt for each in times} == {datetime.timedelta(hours=1)}


@time_machine.travel("2026-03-02T12:00Z", tick=False)
def test_one_that_runs_past_midnight_ends_on_the_next_day(desk: Browser, make_meeting: Make) -> None:
    [entry] = events(desk, make_meeting(weekday=0, start=datetime.time(23, 30), duration=90))
    assert entry["DTSTART"].dt.replace(tzinfo=None) == datetime.datetime(2026, 3, 8, 23, 30)
    assert entry["DTEND"].dt.replace(tzinfo=None) == datetime.datetime(2026, 3, 9, 1)
    assert entry["RRULE"] == {"FREQ": ["WEEKLY"], "BYDAY": ["SU"]}


@pytest.mark.parametrize("start", [datetime.time(0, 30), datetime.time(1, 30)])
@time_machine.travel("2026-10-31T12:00Z", tick=False)
def test_in_the_night_when_clocks_go_back_it_lasts_as_long_as_ever(
    desk: Browser, make_meeting: Make, start: datetime.time
) -> None:
    """The first time falls into the repeated hour; every later one must not be an hour longer for it."""
    meeting = make_meeting(weekday=0, start=start, duration=60)
    content = get(desk, meeting, page="handout_calendar").content
    calendar = Calendar.from_ical(content)
    for on in (datetime.date(2026, 11, 1), datetime.date(2026, 11, 8)):
        [found] = recurring_ical_events.of(calendar).at(on)
        assert found["DTSTART"].dt.replace(tzinfo=None) == datetime.datetime.combine(on, start)
        lasts = found["DTEND"].dt - found["DTSTART"].dt if on.day > 1 else found.duration
        assert lasts == datetime.timedelta(hours=1)


def test_an_entry_tells_nobody_what_it_is(desk: Browser, make_meeting: Make) -> None:
    telling = make_meeting(
        name="Sober Lantern",
        venue="Alcohol Recovery Club",
        address="10 Example St, Albany, NY 12207",
        attendance="hybrid",
        conference_url="https://zoom.us/my/aa-newcomers",
        notes="Big Book on first Tuesdays",
    )
    plain = make_meeting(attendance="online", conference_url="https://zoom.us/j/5550100")
    elsewhere = make_meeting(
        attendance="online", conference_url="https://sober-room.example/j/1", conference_provider_known=False
    )
    first, second, third = events(desk, telling, plain, elsewhere)
    assert {str(each["SUMMARY"]) for each in (first, second, third)} == {"Weekly event"}
    assert first["LOCATION"] == "10 Example St, Albany, NY 12207"
    assert first["DESCRIPTION"] == "Some weeks may differ: see the sheet."
    assert [each.get("URL") for each in (first, second, third)] == [None, "https://zoom.us/j/5550100", None]
    assert {str(each["CLASS"]) for each in (first, second, third)} == {"PRIVATE"}
    text = get(desk, telling, plain, elsewhere, page="handout_calendar").content.decode()
    for words in ("Lantern", "Big Book", "Alcohol", "Example Clinic", "Example Intergroup"):
        assert words not in text
    for language in Language:
        words = handout_words.WORDS[language]
        assert not [
            revealing_words(words[each]) for each in ("event", "exceptions", "file") if revealing_words(words[each])
        ]


@pytest.mark.parametrize(
    "house",
    [
        "Alano Club", "Nar-Anon Hall", "Intergroup Office", "Friends of Bill W. Hall", "Doble A", "Betty Ford Center",
        "Oxford House", "Serenity House",
    ],
)  # fmt: skip
@pytest.mark.parametrize("address", ["{house}, 10 Example St, Albany, NY 12207", "10 Example St, Albany, NY 12207"])
def test_the_name_of_the_house_stays_out_of_a_calendar(
    desk: Browser, make_meeting: Make, house: str, address: str
) -> None:
    meeting = make_meeting(venue=house, address=address.format(house=house), attendance="in_person")
    [entry] = events(desk, meeting)
    assert entry["LOCATION"] == "10 Example St, Albany, NY 12207"


def test_a_place_without_a_house_number_is_its_town(desk: Browser, make_meeting: Make) -> None:
    place = {"venue": "Serenity Hall", "address": "Serenity Hall, Main & 5th, Albany, NY", "attendance": "in_person"}
    [entry] = events(desk, make_meeting(city="Albany", state="NY", **place))
    assert entry["LOCATION"] == "Albany, NY"


@pytest.mark.parametrize(
    ("link", "is_in"),
    [
        ("https://us02web.zoom.us/j/5550100?pwd=x1", True),
        ("https://meet.google.com/abc-defg-hij", True),
        ("https://zoom.us/my/naonline", False),
        ("https://zoom.us/my/crystalmeth", False),
        ("https://zoom.us/my/marysroom", False),
        ("https://zoom.us.example/j/5550100", False),
    ],
)
def test_a_link_in_a_calendar_is_only_a_number(desk: Browser, make_meeting: Make, link: str, is_in: bool) -> None:
    [entry] = events(desk, make_meeting(attendance="online", conference_url=link))
    assert entry.get("URL") == (link if is_in else None)


def test_neither_file_names_what_made_it(desk: Browser, make_meeting: Make) -> None:
    meeting = make_meeting()
    written = get(desk, meeting, page="handout_calendar").content.decode()
    assert "onward" not in written.lower()
    assert "METHOD" not in written  # which would ask for an organizer (RFC 5546, 3.2.1)
    assert b"onward" not in get(desk, meeting, page="handout_pdf").content.lower()


def test_the_same_entry_is_the_same_tomorrow_and_after_a_change(desk: Browser, make_meeting: Make) -> None:
    meeting, other = make_meeting(), make_meeting()
    [before] = events(desk, meeting)
    Meeting.objects.filter(pk=meeting.pk).update(weekday=5, name="Moved")
    [after] = events(desk, meeting)
    assert before["UID"] == after["UID"] != events(desk, other)[0]["UID"]
    assert str(meeting.pk) != str(before["UID"])
    assert before["DTSTAMP"].dt.utcoffset() == datetime.timedelta(0)


@pytest.mark.parametrize(("language", "name"), [(Language.ENGLISH, "my-week"), (Language.SPANISH, "mi-semana")])
def test_files_are_called_after_the_week(desk: Browser, make_meeting: Make, language: Language, name: str) -> None:
    """And so are the window, what a browser prints above the page, and the PDF in a list of files."""
    meeting = make_meeting()
    called = name.replace("-", " ").capitalize()
    assert f"<title>{called}</title>" in get(desk, meeting, language=language).content.decode()
    assert pdf_of(desk, meeting, language=language).metadata["/Title"] == called
    for page, ending in (("handout_pdf", "pdf"), ("handout_calendar", "ics")):
        answer = get(desk, meeting, page=page, language=language)
        assert answer["Content-Disposition"] == f'attachment; filename="{name}.{ending}"'
        assert "no-store" in answer["Cache-Control"]


@time_machine.travel("2026-03-02T12:00Z", tick=False)
def test_in_spanish_the_fixed_words_are(desk: Browser, make_meeting: Make) -> None:
    meeting = make_meeting(types=["O", "S"], notes="Closed on holidays.", time_zone="America/Chicago", **PLACE)
    pdf = pdf_of(desk, meeting, language=Language.SPANISH)
    page = get(desk, meeting, language=Language.SPANISH).content.decode()
    for words in (
        "Reuniones",
        "Alcohólicos Anónimos",
        "Cada martes, de 7:00 PM a 8:00 PM, hora del centro (8:00 PM, hora del este)",
        "martes 3 de mar",
        "En persona",
        "Abierta, En español",
        "Cómo llegar",
        "Según la lista del 2 de mar de 2026.",
        "Closed on holidays.",  # the list's own words stay
    ):
        assert words in page, words
        assert words in words_of(pdf), words
    assert 'lang="es-US"' in page
    assert pdf.root_object["/Lang"] == "es-US"
    assert "Página 1 de 1" in words_of(pdf)
    [entry] = events(desk, meeting, language=Language.SPANISH)
    assert entry["SUMMARY"] == "Cita semanal"


def test_both_languages_have_every_word() -> None:
    english, spanish = handout_words.WORDS[Language.ENGLISH], handout_words.WORDS[Language.SPANISH]
    assert english.keys() == spanish.keys()
    places = {key: re.findall(r"{\w*}", words) for key, words in english.items()}
    assert {key: sorted(re.findall(r"{\w*}", words)) for key, words in spanish.items()} == {
        key: sorted(found) for key, found in places.items()
    }


def test_it_names_neither_client_nor_clinic_nor_who_printed_it(
    desk: Browser, make_meeting: Make, client_record: Client, counselor: StaffMember
) -> None:
    client_record.language = "Spanish"
    client_record.save()
    meeting = make_meeting(name="Example Lantern")
    referral = guide.choose(client=client_record, meeting=meeting, by=counselor)
    went_on = client_record.today - DAY
    referring.record_visit(referral=referral, visited_on=went_on, attended=True, by=counselor)
    url = handout.address_for(client_record, [referral])
    assert url == f"/meetings/handout/{meeting.pk}/?in=es"
    args = [client_record.pk]
    for page in (
        reverse("referrals:referral", args=[*args, referral.pk]),
        reverse("referrals:guide_stage", args=[*args, "choose"]),
        reverse("referrals:client_meeting", args=[*args, meeting.pk]),
    ):
        assert f'href="{url}"' in desk.get(page).content.decode()
    pdf = pdf_of(desk, meeting)
    seen = desk.get(url).content.decode() + words_of(pdf) + str(pdf.metadata)
    clinic, name = str(counselor.clinic), counselor.signature_name
    for words in (client_record.family_name, client_record.birth_words, f"{went_on:%b %-d}", clinic, name):
        assert words
        assert words not in seen, words


def test_from_the_ticks_in_the_finder_to_the_handout(desk: Browser, make_meeting: Make, client_record: Client) -> None:
    rows = [make_meeting() for _ in range(4)]
    keys = [each.pk for each in rows]
    found = desk.get(reverse("referrals:finder")).content.decode()
    assert found.count('name="m"') == 4
    make = reverse("referrals:handout_choose")
    assert f'action="{make}"' in found
    assert desk.get(make, {"m": keys[:3]}).url == f"/meetings/handout/{keys[0]}-{keys[1]}-{keys[2]}/"
    assert desk.get(make, {"m": [keys[1], keys[1]], "in": "es"}).url == f"/meetings/handout/{keys[1]}/?in=es"
    many = desk.get(make, {"m": keys}).content.decode()
    assert many.count("checked") == 3
    assert "Leave at most 3" in many
    assert "No meetings chosen" in desk.get(make, {"m": ["x", "-1", "9" * 30]}).content.decode()


def test_ticks_survive_another_search_until_they_are_taken_off(desk: Browser, make_meeting: Make) -> None:
    first, other = make_meeting(name="Example First"), make_meeting(name="Example Other")
    finder = reverse("referrals:finder")
    page = desk.get(finder, {"words": "other", "m": [first.pk, other.pk]}).content.decode()
    assert "Remove Example First" in page
    # Without a script, the next search sends what is chosen elsewhere as a hidden field, and what is listed as its box.
    assert re.findall(r'type="hidden"\s+name="m"\s+value="(\d+)"', page) == [str(first.pk)]
    assert re.search(rf'value="{other.pk}"\s+form="search"\s+checked', page)
    assert sent_by(page).getlist("m") == [str(first.pk), str(other.pk)]
    assert f'href="{finder}?m={first.pk}&amp;m={other.pk}"' in page  # “Clear” clears the questions
    removed = desk.get(finder, {"words": "other", "m": [first.pk, other.pk], "without": other.pk}).content.decode()
    assert "Remove Example First" in removed
    assert "Remove Example Other" not in removed
    assert not re.search(rf'value="{other.pk}"\s+form="search"\s+checked', removed)
    nothing = desk.get(finder, {"words": "nowhere", "m": [first.pk]}).content.decode()
    assert "No matching meetings" in nothing
    assert "Make a handout" in nothing
    many = desk.get(finder, {"m": [make_meeting().pk for _ in range(4)]}).content.decode()
    assert "A handout holds 3" in many
    assert "Chosen" not in desk.get(finder, {"m": ["x", "-1", "9" * 30], "without": "x"}).content.decode()


def test_other_pages_of_a_search_are_buttons_of_it(desk: Browser, make_meeting: Make) -> None:
    rows = [make_meeting(name=f"Example {number:02}") for number in range(27)]
    page = desk.get(reverse("referrals:finder"), {"page": "2", "m": [rows[0].pk]}).content.decode()
    assert "Page 2 of 2" in page
    assert "Remove Example 00" in page
    assert re.search(r'type="submit"\s+form="search"\s+name="page"\s+value="1"', page)


def test_the_finders_script_is_sent_on_to_the_handout(desk: Browser, make_meeting: Make) -> None:
    keys, make = [make_meeting().pk for _ in range(4)], reverse("referrals:handout_choose")
    answer = desk.get(make, {"m": keys[:2], "words": "x"}, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"/meetings/handout/{keys[0]}-{keys[1]}/"
    many = desk.get(make, {"m": keys, "near": "12207", "in": "es"}, headers={"HX-Request": "true"})
    assert many["HX-Redirect"] == f"{make}?{'&'.join(f'm={key}' for key in keys)}&in=es"  # where they live is not in it


def test_nobody_chooses_another_clinics_meeting(
    make_meeting: Make, signed_in: Callable[[StaffMember], Browser]
) -> None:
    meeting = make_meeting(name="Example Here")
    stranger = factories.StaffMemberFactory(clinic=factories.ClinicFactory(), role="counselor")
    page = signed_in(stranger).get(reverse("referrals:finder"), {"m": [meeting.pk]}).content.decode()
    assert "Example Here" not in page
    assert "Chosen" not in page


def test_what_is_not_held_is_not_on_it_and_that_is_said(desk: Browser, make_meeting: Make) -> None:
    gone = make_meeting(name="Example Gone", retired_at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    kept = make_meeting(name="Example Kept")
    assert "Not held now" in get(desk, gone, kept).content.decode()
    assert "Example Gone" not in words_of(pdf_of(desk, gone, kept))
    assert len(events(desk, gone, kept)) == 1
    assert get(desk, gone, page="handout_calendar").status_code == 404


def test_by_appointment_is_on_the_sheet_and_in_no_calendar(desk: Browser, make_meeting: Make) -> None:
    meeting = make_meeting(weekday=None, start=None)
    page = get(desk, meeting).content.decode()
    assert "By appointment" in page
    assert "Calendar file" not in page
    assert get(desk, meeting, page="handout_calendar").status_code == 404


@pytest.mark.parametrize("chosen", ["x", "0", "1-", "1-2-3-4", "²", "9" * 19, "1--2"])
def test_nonsense_is_no_handout(desk: Browser, chosen: str) -> None:
    for page in ("handout", "handout_pdf", "handout_calendar"):
        assert desk.get(reverse(f"referrals:{page}", args=[chosen])).status_code == 404


def test_another_clinics_meeting_is_on_nobodys_handout(
    desk: Browser, make_meeting: Make, signed_in: Callable[[StaffMember], Browser]
) -> None:
    meeting = make_meeting()
    elsewhere: Clinic = factories.ClinicFactory()
    stranger = factories.StaffMemberFactory(clinic=elsewhere, role="counselor")
    for page in ("handout", "handout_pdf", "handout_calendar"):
        assert get(signed_in(stranger), meeting, page=page).status_code == 404
        assert get(desk, meeting, page=page).status_code == 200


def test_it_says_the_time_where_the_client_lives_and_names_nobody(
    desk: Browser, make_meeting: Make, client_record: Client, counselor: StaffMember
) -> None:
    """Seven in Los Angeles is five in Honolulu in summer and winter by turns; the clinic's ten o'clock helps nobody."""
    client_record.time_zone = "Pacific/Honolulu"
    client_record.save()
    meeting = make_meeting(attendance="online", time_zone="America/Los_Angeles", latitude=None, longitude=None)
    referral = guide.choose(client=client_record, meeting=meeting, by=counselor)
    url = handout.address_for(client_record, [referral])
    assert url == f"/meetings/handout/{meeting.pk}/?zone=Pacific/Honolulu"
    with time_machine.travel(datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC), tick=False):
        page = as_read(desk.get(url))
        pdf = PdfReader(io.BytesIO(desk.get(handout.address([meeting.pk], page="handout_pdf", zone=ZONE)).content))
    told = "Every Tuesday, 7:00 PM to 8:00 PM, Pacific time (5:00 PM Hawaii time)"
    assert told in page
    assert told in words_of(pdf)
    assert "Eastern" not in page
    for kept in ("in=es&amp;zone=Pacific/Honolulu", "/pdf/?zone=Pacific/Honolulu", "/calendar/?zone=Pacific/Honolulu"):
        assert kept in desk.get(url).content.decode()
    args = [client_record.pk, meeting.pk]
    assert url in desk.get(reverse("referrals:client_meeting", args=args)).content.decode()
    assert f'name="zone" value="{ZONE}"' in desk.get(reverse("referrals:client_finder", args=args[:1])).content.decode()
    chosen = desk.get(reverse("referrals:handout_choose"), {"m": meeting.pk, "zone": ZONE})
    assert chosen["Location"] == url
    client_record.time_zone = ""
    client_record.save()
    assert handout.address_for(client_record, [referral]) == f"/meetings/handout/{meeting.pk}/"


@pytest.mark.parametrize("zone", ["Robin Sample", "EST", "../../etc/passwd", "<b>"])
def test_a_zone_that_is_none_is_the_clinics(desk: Browser, make_meeting: Make, zone: str) -> None:
    meeting = make_meeting(attendance="online", time_zone="America/Los_Angeles", latitude=None, longitude=None)
    answer = desk.get(handout.address([meeting.pk]), {"zone": zone})
    assert "Pacific time (10:00 PM Eastern time)" in as_read(answer)
    assert "zone=" not in answer.content.decode()


def test_another_day_there_is_said(desk: Browser, make_meeting: Make) -> None:
    meeting = make_meeting(attendance="online", time_zone="America/Los_Angeles", latitude=None, longitude=None)
    with time_machine.travel(datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC), tick=False):
        for language, words in ((Language.ENGLISH, "Wednesday, 3:00 AM"), (Language.SPANISH, "miércoles, 3:00 AM")):
            assert words in as_read(desk.get(handout.address([meeting.pk], language, zone="Europe/London")))

"""A sheet of up to three meetings for a pocket: when, where, how to get in, and the list's notes.

It is about meetings. It names neither client nor clinic nor who printed it, and its file is called after the week: a
sheet that is found tells nothing of anybody.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from cases.models import Client
from reminders import languages
from reminders.languages import Language, day_in, day_words
from staff import outside
from staff.models import StaffMember
from staff.paper.codes import LONGEST, Code
from staff.paper.sheet import Block, Sheet
from staff.phones import spoken

from . import clock_words, finder
from .handout_words import WORDS, said
from .models import Meeting, Referral
from .models.conversation import MOST_CHOICES as MOST
from .models.directory import WEEKDAYS
from .models.identity import leads_by

_CHOSEN = re.compile(rf"[1-9][0-9]{{0,17}}(?:-[1-9][0-9]{{0,17}}){{0,{MOST - 1}}}")
TICKED = 25  # looked at of what was ticked: of too many, three are chosen on a page of their own
_SHOWN_LINK = 90  # characters of an address that somebody might type; longer ones have their code


def address(
    meetings: Iterable[int], language: Language = Language.ENGLISH, page: str = "handout", *, zone: str = ""
) -> str:
    """The address of these meetings' handout, or of its `handout_pdf` or `handout_calendar`. No client is in it.

    zone: whose clock is said beside the meeting's own, if that is not the clinic's. A place, which names nobody.
    """
    chosen = "-".join(map(str, dict.fromkeys(meetings)))
    asked = {"in": language.value if language != Language.ENGLISH else "", "zone": zone}
    query = urlencode({key: value for key, value in asked.items() if value}, safe="/")
    return reverse(f"referrals:{page}", args=[chosen]) + (f"?{query}" if query else "")


def zone_of(client: Client | None) -> str:
    """The time zone that the handout for a client tells, for an address; blank for the clinic's own."""
    return client.time_zone if client is not None and client.zone != client.clinic.zone else ""


def address_for(client: Client | None, referrals: Iterable[Referral]) -> str:
    """The address for the meetings of these referrals that are listed, in the client's language and on their clock;
    empty if there is none. It tells the language and the time zone and not the client.

    It has the rows that were offered, whichever leads now (`meetings`): a calendar's entry stays the same one.
    """
    listed = [each.meeting_id for each in referrals if each.lead is not None and not each.is_off_the_lists]
    keys_listed = [key for key in listed if key is not None]
    return address(keys_listed, languages.of(client), zone=zone_of(client)) if listed else ""


def keys(chosen: str) -> list[int]:
    """The meetings that an address names, in its order; none if it is not a handout's."""
    return list(dict.fromkeys(map(int, chosen.split("-")))) if _CHOSEN.fullmatch(chosen) else []


def ticked(sent: QueryDict) -> list[int]:
    """The meetings ticked in the finder, here and on what was searched before, without one that was just removed."""
    said = [outside.number(each, lowest=1) for each in sent.getlist("m")]
    removed = outside.number(sent.get("without"))
    return list(dict.fromkeys(each for each in said if each is not None and each != removed))[:TICKED]


def meetings(wanted: Sequence[int], *, by: StaffMember, now: datetime.datetime) -> list[Meeting]:
    """Those of these meetings that the person may see, in this order, each with `next_start` and `is_held`.

    For one that stands behind another list's, that which leads, `known_as` the one asked for.
    """
    visible = Meeting.objects.visible_to(by)
    rows = visible.select_related("feed").prefetch_related(leads_by()).in_bulk(list(wanted))
    leading = {key: row.shown_at(by.clinic_id) for key, row in rows.items()}
    found = finder.find(now=now, among=visible.filter(pk__in={row.pk for row in leading.values()}))
    held = {each.pk: each.next_start for each in found.only("pk")}
    for key, row in leading.items():
        row.next_start, row.is_held, row.known_as = held.get(row.pk), row.pk in held, rows[key]
    return [leading[key] for key in wanted if key in leading]


def sheet(listed: Iterable[Meeting], *, language: Language, zone: datetime.tzinfo, now: datetime.datetime) -> Sheet:
    """The handout of these meetings. What is not held any more is left out: nobody is sent there.

    zone: where the person lives who goes, or the clinic's; a meeting on another clock is told in both.
    """
    words = WORDS[language]
    blocks = tuple(_block(each, language, zone, now) for each in listed if each.is_held)
    today = now.astimezone(zone).date()
    _, _, day = day_in(language, day_words(today)).partition(" ")  # without the weekday
    return Sheet(
        title=words["title"],
        file_name=words["file"],
        whose="",
        lede=words["lede"] if len(blocks) > 1 else "",
        facts=(),
        blocks=blocks,
        foot=(words["foot"].format(day=day, year=today.year),),
        is_one_page=True,
        window=words["window"],
        language={"en": "en-US", "es": "es-US"}[language.value],
        page_words=words["page"],
    )


def directions(meeting: Meeting) -> str:
    """A link to the way there, which the client's own phone opens: by coordinates, else by address. Empty if the list
    gives only an area, or it is only online.
    """
    if not meeting.has_place or meeting.approximate:
        return ""
    if meeting.latitude is not None and meeting.longitude is not None and not meeting.location_is_rough:
        place = f"{meeting.latitude:.6f},{meeting.longitude:.6f}"
    else:
        place = meeting.address
    query = urlencode({"api": "1", "destination": place})
    return f"https://www.google.com/maps/dir/?{query}" if place else ""


def online_link(meeting: Meeting) -> str:
    """Where one joins online, if it is an address that a phone opens."""
    return meeting.conference_url if re.match(r"https?://\S+\Z", meeting.conference_url) else ""


def _block(meeting: Meeting, language: Language, zone: datetime.tzinfo, now: datetime.datetime) -> Block:
    words = WORDS[language]
    types = ", ".join(said(each, language) for each in meeting.type_names)
    link = online_link(meeting)
    facts = (
        (words["when"], _when(meeting, language, zone, now)),
        (words["next"], _day(meeting, language) if meeting.next_start else ""),
        (words["how"], words.get(meeting.attendance, "")),
        (words["where"], _where(meeting, words) if meeting.has_place else ""),
        (words["link"], link if len(link) <= _SHOWN_LINK else ""),
        (words["phone"], spoken(meeting.conference_phone)),
        (words["about"], types),
        (words["notes"], "\n".join(meeting.all_notes)),
    )
    codes = ((words["directions"], directions(meeting)), (words["join"], link))
    return Block(
        heading=meeting.name,
        detail=said(str(meeting.get_fellowship_display()), language),
        facts=tuple((label, value) for label, value in facts if value),
        codes=tuple(Code(label, each) for label, each in codes if each and len(each) <= LONGEST),
    )


def _when(meeting: Meeting, language: Language, zone: datetime.tzinfo, now: datetime.datetime) -> str:
    words = WORDS[language]
    if meeting.next_start is None or meeting.weekday is None:
        return words["appointment"]
    at = clock_words.when(meeting.next_start, minutes=meeting.minutes, there=meeting.zone, reader=zone, now=now)
    day = day_in(language, f"{WEEKDAYS[meeting.weekday]}, Jan 1").split()[0].strip(",")
    weekly = words["weekly"].format(day=day, begins=f"{meeting.start:%-I:%M %p}", ends=f"{meeting.end:%-I:%M %p}")
    if not at.is_elsewhere:
        return weekly
    there = said(clock_words.zone_words(at.starts), language)
    here = said(clock_words.zone_words(at.reader), language)
    also = words["here"].format(time=f"{at.reader:%-I:%M %p}", zone=here)
    if at.reader.date() != at.starts.date():
        also = f"{day_in(language, f'{at.reader:%A}, Jan 1').split()[0].strip(',')}, {also}"
    return f"{weekly}, {words['zone'].format(zone=there)} ({also})"


def _day(meeting: Meeting, language: Language) -> str:
    if meeting.next_start is None:
        return ""
    return day_in(language, day_words(meeting.next_start.astimezone(meeting.zone).date()))


def _where(meeting: Meeting, words: dict[str, str]) -> str:
    place = meeting.address or meeting.place_words
    if meeting.venue and not place.startswith(meeting.venue):
        place = f"{meeting.venue}, {place}" if place else meeting.venue
    return f"{place} ({words['area']})" if place and meeting.approximate else place

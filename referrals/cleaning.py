"""Reading what people type into meeting lists: text, times, days, links and telephone numbers."""

from __future__ import annotations

import datetime
import html
import re
from urllib.parse import urlsplit

import nh3

from staff import outside

_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li)\b[^>]*>", re.IGNORECASE)
_CLOCK = re.compile(r"^([0-9]{1,2})(?::([0-9]{2}))?(?::[0-9]{2})?\s*(am|pm|a\.m\.|p\.m\.)?$", re.IGNORECASE)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_ZONE_LESS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d",
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y",
)  # fmt: skip

# Whole host names, with at most one label in front: "us06.web.zoom.us" is a typo and does not open.
_PROVIDERS = re.compile(
    r"^(?:[\w-]+\.)?(?:zoom\.us|zoomgov\.com|bluejeans\.com|freeconference\.com|freeconferencecall\.com|gotomeet\.me|"
    r"gotomeeting\.com|goto\.com|skype\.com|webex\.com|jit\.si|meet\.google\.com|teams\.microsoft\.com|teams\.live\.com|"
    r"discord\.gg|discord\.com|signal\.group|chat\.whatsapp\.com|8x8\.vc|whereby\.com|ringcentral\.com|uberconference\.com|"
    r"startmeeting\.com|intherooms\.com)$"
)


def text(value: object, *, lines: bool = False, longest: int | None = None) -> str:
    """Plain text from possible HTML: no tags, no entities, no odd blanks. `lines` keeps line breaks."""
    if value is None or isinstance(value, (bool, dict, list)):
        return ""
    raw = outside.text(str(value)).replace("\xa0", " ")
    if "<" in raw:
        raw = nh3.clean(_BREAK.sub("\n", raw), tags=set())
    if "&" in raw:
        raw = html.unescape(raw).replace("\xa0", " ")
    if lines:
        cleaned = "\n".join(re.sub(r"[^\S\n]+", " ", line).strip() for line in raw.splitlines())
        cleaned = re.sub(r"\n{3,}", "\n\n", cleaned).strip()
    else:
        cleaned = " ".join(raw.split())
    return cleaned if longest is None else cleaned[:longest].rstrip()


def weekday(value: object) -> int | None:
    """0 = Sunday … 6 = Saturday, from 3, "3", "Tuesday" or "Tue"; None for nothing. Raises ValueError for the rest."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(value)
    word = str(value).strip().casefold().rstrip(".")
    if re.fullmatch(r"[0-9]+(\.0+)?", word):
        digits = word.split(".")[0]
        if len(digits) > 1 or digits > "6":
            raise ValueError(value)
        return int(digits)
    for number, name in enumerate(_DAYS):
        if len(word) >= 3 and (name.startswith(word) or word == f"{name}s"):
            return number
    raise ValueError(value)


def weekdays(value: object) -> list[int | None]:
    """All days of a row, each once, in the feed's order. Raises ValueError if any of them is no day."""
    if isinstance(value, (list, tuple)):
        days = [weekday(each) for each in value]
        return list(dict.fromkeys(day for day in days if day is not None)) or [None]
    return [weekday(value)]


def clock(value: object) -> tuple[datetime.time, int] | None:
    """A wall-clock time from 19:00, 19:00:00 or 7:30 PM, and 1 if 24:00 means the next day. ValueError otherwise."""
    if value is None:
        return None
    word = " ".join(str(value).split()).casefold()
    if not word:
        return None
    if word in ("noon", "midnight"):
        return datetime.time(12 if word == "noon" else 0), 0
    match = _CLOCK.match(word)
    if not match or (match[2] is None and match[3] is None):
        raise ValueError(value)
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(value)
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if (hour, minute) == (24, 0):
        return datetime.time(0), 1
    return datetime.time(hour, minute), 0  # raises ValueError beyond 23:59


def minutes_between(start: datetime.time, end: datetime.time) -> int | None:
    """Minutes from start to end, through midnight if the end is earlier; None if they are the same."""
    length = (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % (24 * 60)
    return length or None


def link(value: object) -> str:
    """A web address fit to be shown as a link, or nothing: http and https only, no blanks."""
    address = html.unescape(outside.text(str(value or ""))).replace("\xa0", " ").strip()
    if not address or any(character.isspace() for character in address):
        return ""
    if "://" not in address and re.match(r"^[\w-]+(\.[\w-]+)+(/|$)", address):
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host or "." not in host or parts.username:
        return ""
    return address if len(address) <= 2000 else ""  # cut short it would lead elsewhere


def is_known_provider(address: str) -> bool:
    """Whether a conference link points to a known meeting provider."""
    return bool(_PROVIDERS.match((urlsplit(address).hostname or "").lower()))


def dial_string(value: object) -> str:
    """A number to dial with its pauses and codes (digits and + , * #), or empty if it has too few digits."""
    squeezed = re.sub(r"[\s().–-]", "", text(value))
    match = re.match(r"\+?[0-9,*#+]+", squeezed)
    if not match:
        return ""
    # What follows the first odd sign is dropped back to the last pause: "…,,#,,TUh9b#" is a password, not a number.
    rest = squeezed[match.end() :]
    dialled = re.sub(r",+[0-9*+#]*$", "", match[0]) if "," in match[0] and rest[:1].isalpha() else match[0]
    dialled = dialled.rstrip(",+")
    return dialled[:120] if sum(character.isdigit() for character in dialled.split(",")[0]) >= 7 else ""


def moment(value: object) -> datetime.datetime | None:
    """When the source last changed the row, in UTC; None if unreadable (nothing depends on it)."""
    word = " ".join(str(value or "").split())
    for pattern in _ZONE_LESS:
        try:
            found = datetime.datetime.strptime(word, pattern).replace(tzinfo=datetime.UTC)
        except ValueError:
            continue
        return found if 1990 <= found.year <= 2100 else None  # a year that no clock of ours could show
    return None

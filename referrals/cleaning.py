"""Reading what people type into meeting lists: text, times, days, links and telephone numbers.

A directory says the same towns, places, links and hours again and again: what was read once is remembered.
"""

from __future__ import annotations

import datetime
import functools
import html
import re
from urllib.parse import urlsplit

import nh3

from staff import outside

_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li)\b[^>]*>", re.IGNORECASE)
_CLOCK = re.compile(
    r"^([0-9]{1,2})(?:[:.h]([0-9]{2}))?(?::[0-9]{2}(?:\.[0-9]+)?)?\s*(h|a\.?m\.?|p\.?m\.?)?$", re.IGNORECASE
)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_ZONE_LESS = (
    "%Y-%m-%d%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d",
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y",
)  # fmt: skip
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}")  # what almost every list writes

# Most links: nothing in them has to be looked at twice (`&` may begin an entity, `@` ends a name and password).
_PLAIN_LINK = re.compile(r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:[/?#][!-%'-?A-~]*)?")
_PLAIN_HOST = re.compile(r"https?://([A-Za-z0-9.-]+)(?=[/?#]|$)")

# Whole host names, with at most one label in front: "us06.web.zoom.us" is a typo and does not open.
_PROVIDERS = re.compile(
    r"^(?:[\w-]+\.)?(?:zoom\.us|zoomgov\.com|bluejeans\.com|freeconference\.com|freeconferencecall\.com|gotomeet\.me|"
    r"gotomeeting\.com|goto\.com|skype\.com|webex\.com|jit\.si|meet\.google\.com|teams\.microsoft\.com|teams\.live\.com|"
    r"discord\.gg|discord\.com|signal\.group|chat\.whatsapp\.com|8x8\.vc|whereby\.com|ringcentral\.com|uberconference\.com|"
    r"startmeeting\.com|intherooms\.com)$"
)


def text(value: object, *, lines: bool = False, longest: int | None = None) -> str:
    """Plain text from possible HTML: no tags, no entities, no odd blanks. `lines` keeps line breaks."""
    if type(value) is not str:
        if value is None or isinstance(value, (bool, dict, list)):
            return ""
        value = str(value)
    if not value:
        return ""
    cleaned = _remembered(value, lines) if len(value) <= _SHORT else _cleaned(value, lines)
    return cleaned if longest is None or len(cleaned) <= longest else cleaned[:longest].rstrip()


def _cleaned(value: str, lines: bool) -> str:
    if "<" not in value and "&" not in value:  # most texts: what is printable has no odd blanks and nothing unfit
        if value.isprintable():
            return " ".join(value.split())
        if lines and value.replace("\n", " ").isprintable():
            cleaned = "\n".join(" ".join(line.split()) for line in value.split("\n"))
            return (_GAP.sub("\n\n", cleaned) if "\n\n\n" in cleaned else cleaned).strip()
    raw = outside.text(value).replace("\xa0", " ")
    if "<" in raw:
        raw = nh3.clean(_BREAK.sub("\n", raw), tags=set())
    if "&" in raw:
        raw = html.unescape(raw).replace("\xa0", " ")
        raw = outside.text(raw)  # an entity may stand for what is no letter
    if lines and ("\n" in raw or "\r" in raw):
        cleaned = "\n".join(" ".join(line.split()) for line in raw.splitlines())
        return _GAP.sub("\n\n", cleaned).strip()
    return " ".join(raw.split())


_GAP = re.compile(r"\n{3,}")
_SHORT = 160  # characters; longer texts are rarely the same twice
_remembered = functools.lru_cache(maxsize=20_000)(_cleaned)


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


_EVERY = {
    "daily": range(7), "every day": range(7), "everyday": range(7), "all days": range(7),
    "weekdays": range(1, 6), "every weekday": range(1, 6), "weekends": (6, 0), "weekend": (6, 0),
}  # fmt: skip
_AND = re.compile(r"\s*(?:[/,;&+|]|\band\b)\s*")
_TO = re.compile(r"\s*(?:[-‐-―−]|\bthrough\b|\bthru\b|\bto\b)\s*")


def weekdays(value: object) -> list[int | None]:
    """All days of a row, each once, in the feed's order. Raises ValueError if any of them is no day.

    "Tue/Thu", "Mon & Wed" and "Monday-Friday" are several days, as is a list.
    """
    if isinstance(value, (list, tuple)):
        days = [day for each in value for day in weekdays(each)]
        return list(dict.fromkeys(day for day in days if day is not None)) or [None]
    if not isinstance(value, str):
        return [weekday(value)]
    return list(_days_said(value) if len(value) <= _SHORT else ())


@functools.lru_cache(maxsize=1_000)
def _days_said(written: str) -> tuple[int | None, ...]:
    try:
        return (weekday(written),)
    except ValueError:
        pass
    words = " ".join(written.split()).casefold()
    if words in _EVERY:
        return tuple(_EVERY[words])
    found: list[int] = []
    for part in filter(None, _AND.split(words)):
        ends = [weekday(each) for each in _TO.split(part)]
        named = [day for day in ends if day is not None]
        if len(named) != len(ends) or (len(ends) > 1 and re.search(r"[0-9]", part)):
            raise ValueError(written)  # "1-5" may be anything
        if len(named) == 2:
            named = [(named[0] + n) % 7 for n in range((named[1] - named[0]) % 7 + 1)]
        found += named
    if not found or (re.search(r"[0-9]", words) and not re.fullmatch(r"[0-6]( ?, ?[0-6])*", words)):
        raise ValueError(written)
    return tuple(dict.fromkeys(found))


def clock(value: object) -> tuple[datetime.time, int] | None:
    """A wall-clock time from 19:00, 19:00:00, 7:30 PM, 7.30 pm or 19h00, and 1 if 24:00 means the next day.

    Raises ValueError for anything else.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        value = str(value)
    if len(value) > _SHORT:
        raise ValueError(value)
    return _clock(value)


@functools.lru_cache(maxsize=2_000)
def _clock(value: str) -> tuple[datetime.time, int] | None:
    word = " ".join(value.split()).casefold()
    if not word:
        return None
    if word in ("noon", "midnight"):
        return datetime.time(12 if word == "noon" else 0), 0
    match = _CLOCK.match(word)
    if not match or (match[2] is None and match[3] is None):
        raise ValueError(value)
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half and half != "h":
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
    if not value:
        return ""
    said = value if type(value) is str else str(value)
    if len(said) <= 2_000 and _PLAIN_LINK.fullmatch(said):
        return said
    return _link(said[:4_000])


@functools.lru_cache(maxsize=20_000)
def _link(value: str) -> str:
    address = html.unescape(outside.text(value)).replace("\xa0", " ").strip()
    if not address or not outside.is_fit(address) or any(character.isspace() for character in address):
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


_GOES_ON = re.compile(r"^(?:[0-9?&=#%/.][^\s]*|[^\s]*[=&][^\s]*)$")  # as the rest of an address does, and no word


def conference_link(value: object) -> tuple[str, str]:
    """The link to an online meeting, and what was done about it, to tell whoever reads the report; or two blanks.

    A blank inside is mended: `zoom.us/j/123 456` goes on, and `zoom.us/j/123 (no password)` ends before the words.
    """
    if not value:
        return "", ""
    if found := link(value):
        return found, ""
    said = text(value)
    if not said:
        return "", ""
    parts = html.unescape(said).split()
    start = next((n for n, part in enumerate(parts) if _leads_to_a_meeting(part)), None)
    if start is not None:
        address = parts[start]
        for part in parts[start + 1 :]:
            goes_on = _GOES_ON.match(part) or (address[-1] in "/=?&-_" and "." not in part)
            if not goes_on or _leads_to_a_meeting(part):
                break
            address += part
        if found := link(address.rstrip(".,;)")):
            return found, f"The online meeting link had spaces or words in it. It was read as {found}."
    return "", f"“{outside.quoted(said)}” isn’t a web address and was left out: no online meeting link."


def _leads_to_a_meeting(part: str) -> bool:
    """It has more than a host, or a known one: half of `https://a b.us` would lead to nobody knows whom."""
    found = link(part)
    return bool(found) and (urlsplit(found).path.strip("/") != "" or is_known_provider(found))


def is_known_provider(address: str) -> bool:
    """Whether a conference link points to a known meeting provider."""
    host = _PLAIN_HOST.match(address)
    return _is_provider(host[1] if host else urlsplit(address).hostname or "")


@functools.lru_cache(maxsize=5_000)
def _is_provider(host: str) -> bool:
    return bool(_PROVIDERS.match(host.lower()))


def dial_string(value: object) -> str:
    """A number to dial with its pauses and codes (digits and + , * #), or empty if it has too few digits."""
    return _dial_string(text(value)) if value else ""


@functools.lru_cache(maxsize=20_000)
def _dial_string(written: str) -> str:
    squeezed = re.sub(r"[\s().–-]", "", written)
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
    if not value:
        return None
    word = value if type(value) is str else str(value)
    if not _ISO.fullmatch(word):
        word = " ".join(word.split())
    if _ISO.fullmatch(word):
        try:
            found = datetime.datetime.fromisoformat(word).replace(tzinfo=datetime.UTC)
        except ValueError:
            return None
        return found if 1990 <= found.year <= 2100 else None
    for pattern in _ZONE_LESS:
        try:
            found = datetime.datetime.strptime(word, pattern).replace(tzinfo=datetime.UTC)
        except ValueError:
            continue
        return found if 1990 <= found.year <= 2100 else None  # a year that no clock of ours could show
    return None

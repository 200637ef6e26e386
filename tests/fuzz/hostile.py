"""What nobody sends who means well: values, forms, addresses, headers and feeds, the same ones for the same seed."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

HUGE = "9" * 400
TEXTS = (
    "", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\x1b[31m\x07", "²", "1²", "１２３", "٣", "-1", "+1", "1e400",
    "1_0", "0x10", "NaN", "Infinity", "-Infinity", "None", "null", "true", "[]", "{}", "[[[[", HUGE, "9" * 5000,
    str(2**31), str(2**63), str(-(2**63) - 1), "0", "00", "1.5", "1,5", "' OR 1=1 --", "\" onload=alert(1)",
    "<script>x</script>",
    "{{ 7*7 }}", "{% url %}", "%s%n%d", "\\", "\\u0000", "../../etc/passwd", "\r\nSet-Cookie: a=b", "\u202e\u200b",
    "e\u0301" * 300, "🏳️‍🌈" * 50, "\U0010ffff", "x" * 100_000, "0001-01-01", "9999-12-31", "0000-00-00", "2026-02-30",
    "２０２６-01-01", "9999-12-31T23:59", "2026-03-08T02:30", "0001-01-01T00:00", "25:61", "-0:01", "24:00", "12:30:99",
    "a@b", "a@" + "b" * 300 + ".example", "@", "+1 518 555 0100 x" + "9" * 90, "http://[", "http://\0/", "javascript:1",
    "00000000-0000-0000-0000-000000000000", "~", "~~~", "1~2", "2026-01-01~1", "2026-01-01T00:00:00+99:99~x", "a:b:c",
    "0:0", "²:²", "goal:²", "trigger:" + HUGE, "up:²", "remove:-1", "unlink:²", "1" * 18, "*", "(((", "a&b=c", ";",
)  # fmt: skip
NAMES = ("q", "page", "after", "until", "span", "next", "episode", "client", "goal", "version", "inquiry", "relapse")
NAMES += ("type", "back", "for", "writing", "look-over", "done", "kind", "format", "objective", "copy", "find", "words")
HEADERS = ({"HX-Request": "true"}, {"X-Autosave": "1"}, {"HX-Request": "true", "HX-Current-URL": "http://["})
HEADERS += ({"HX-Current-URL": "%ff", "HX-Request": "true", "HX-Target": "\x01"}, {"Referer": "http://[:"}, {})
FILES = ("", "..", "a/../../b.json", "\x00.json", "x" * 300, "con.csv", "²\u202e.json", "a\r\nb")
CONTENTS = (
    b"",
    b"\x00\xff\xfe",
    b"{",
    b"[" * 5000,
    b'[{"name": "\\ud800"}]',
    b"name,day\n\x00,\xff",
    b"\xef\xbb\xbf{}",
)
TYPES = ("application/json", "text/html; charset=utf-7", "application/x-unknown", "")


@dataclass(frozen=True)
class Upload:
    """A file as a browser would send it, and as it would not."""

    name: str
    content: bytes
    kind: str


def text(chance: random.Random) -> str:
    """One hostile value."""
    if chance.random() < 0.15:
        return "".join(chance.choice(TEXTS)[:20] for _ in range(chance.randint(2, 6)))
    if chance.random() < 0.1:
        return "".join(chr(chance.choice((chance.randrange(0x20), chance.randrange(0x3000)))) for _ in range(30))
    return chance.choice(TEXTS)


def encodable(value: str) -> str:
    """As far as a form can carry it: half a surrogate pair goes as the three bytes that claim to be one."""
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")


def query(chance: random.Random, names: tuple[str, ...] = NAMES) -> str:
    """The part of an address behind the question mark: repeated, empty, nonsense, and bytes that are no UTF-8."""
    if chance.random() < 0.15:
        return chance.choice(
            ("%ff=%fe", "q=%ed%a0%80", "%00=1", "&&==&", "q=%", "q=%zz", "page=%C0%80", "a[]=1&a[b]=2")
        )
    asked = [(chance.choice(names), text(chance)[:1500]) for _ in range(chance.randint(1, 4))]
    return urlencode(asked, errors="surrogatepass")


def path(chance: random.Random, address: str) -> str:
    """An address with one of its parts gone wrong, or far too long."""
    parts = address.strip("/").split("/")
    place = chance.randrange(len(parts))
    wrong = (HUGE, "9" * 5000, str(2**63), "0", "-1", "²", "１", "x" * 20_000, "\0", "\ud800", "..", "%", "1;2", "1 ")
    parts[place] = quote(chance.choice(wrong), safe="", errors="surrogatepass")
    return f"/{'/'.join(parts)}/"


def body(chance: random.Random, fields: list[tuple[str, str]], foreign: list[int]) -> list[tuple[str, Any]]:
    """A form as its page has it, with some of its fields gone wrong: value, number, presence, name or kind."""
    sent: list[tuple[str, Any]] = []
    share = chance.choice((0.15, 0.4, 1.0))
    for name, value in fields:
        if chance.random() > share:
            sent.append((name, value))
            continue
        how = chance.randrange(10)
        if how == 0:
            continue  # missing
        if how == 1:
            sent += [(name, text(chance)) for _ in range(chance.randint(2, 5))]  # many for one
        elif how == 2 and foreign:
            sent.append((name, str(chance.choice(foreign))))  # the key of somebody else's row
        elif how == 3:
            sent.append((name + chance.choice(("[]", "\0", "-0-", "²", "_0", ".x")), value))
        elif how == 4:
            content = chance.choice(CONTENTS)
            sent.append((name, Upload(chance.choice(FILES), content, chance.choice(TYPES))))
        else:
            sent.append((name, text(chance)))
    if chance.random() < 0.3:
        sent.append((chance.choice(NAMES), text(chance)))
    return sent


def multipart(chance: random.Random) -> tuple[bytes, str]:
    """A body that only claims to be a form, with what it claims."""
    edge = chance.choice(("x", "x" * 200, "\xff", "-"))
    names = (
        b'name="a\x00b"',
        b"name=\xff",
        b'name="f"; filename="\xed\xa0\x80"',
        b"name=\"q\"; filename*=utf-7''%ff",
        b"",
    )
    part = b"--" + edge.encode("latin-1") + b"\r\nContent-Disposition: form-data; " + chance.choice(names)
    part += chance.choice(
        (b"", b"\r\nContent-Type: text/plain; charset=utf-7", b"\r\nContent-Transfer-Encoding: base64")
    )
    whole = (
        part
        + b"\r\n\r\n"
        + chance.choice(CONTENTS)
        + chance.choice((b"", b"\r\n--" + edge.encode("latin-1") + b"--\r\n"))
    )
    kinds = (
        f"multipart/form-data; boundary={edge}",
        "multipart/form-data",
        f"multipart/form-data; boundary={edge}; charset=utf-7",
        f"multipart/form-data; boundary={edge}; charset=hex",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/json",
        "\x01",
    )
    return whole, chance.choice(kinds)


GUIDE = (
    "name",
    "slug",
    "day",
    "time",
    "end_time",
    "timezone",
    "types",
    "location",
    "formatted_address",
    "address",
    "city",
)
GUIDE += (
    "state",
    "postal_code",
    "country",
    "latitude",
    "longitude",
    "coordinates",
    "conference_url",
    "conference_phone",
)
GUIDE += ("notes", "group", "regions", "region", "approximate", "updated", "url", "entity", "entity_phone", "id", "ID")
BMLT = (
    "id_bigint",
    "meeting_name",
    "weekday_tinyint",
    "start_time",
    "duration_time",
    "time_zone",
    "venue_type",
    "formats",
)
BMLT += (
    "format_shared_id_list",
    "location_street",
    "location_municipality",
    "location_province",
    "comments",
    "published",
)
BMLT += (
    "location_postal_code_1",
    "location_nation",
    "latitude",
    "longitude",
    "virtual_meeting_link",
    "root_server_uri",
)
BMLT += ("phone_meeting_number", "startTime", "formatIds", "day", "venueType", "name", "id")


def anything(chance: random.Random, depth: int = 3) -> Any:
    """A value of any kind where another was meant."""
    kind = chance.randrange(9 if depth else 6)
    if kind < 3:
        return text(chance)[:3000]
    if kind == 3:
        return chance.choice((0, -1, 7, 2**63, 10**400, 1.5, float("nan"), float("inf"), -0.0, 1e308))
    if kind in (4, 5):
        return chance.choice((None, True, False))
    if kind == 6:
        return [anything(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind == 7:
        return {text(chance)[:50]: anything(chance, depth - 1) for _ in range(chance.randrange(4))}
    nested: Any = "deep"
    for _ in range(chance.choice((3, 100))):
        nested = [nested] if chance.random() < 0.5 else {"a": nested}
    return nested


def row(chance: random.Random, number: int, *, bmlt: bool) -> Any:
    """One row of a feed: a readable meeting, with some fields gone wrong, or no row at all."""
    if chance.random() < 0.05:
        return anything(chance)
    if bmlt:
        good = {"id_bigint": str(number), "meeting_name": f"Example {number}", "weekday_tinyint": str(number % 7 + 1)}
        good |= {"start_time": "19:00:00", "duration_time": "01:00:00", "location_postal_code_1": "12207"}
    else:
        good = {"slug": f"e{number}", "name": f"Example {number}", "day": number % 7, "time": "19:00"}
        good |= {"formatted_address": "1 Example St, Albany, NY 12207, USA"}
    found: dict[str, Any] = dict(good)
    for name in chance.sample(BMLT if bmlt else GUIDE, chance.choice((0, 1, 2, 8))):
        found[name] = anything(chance)
    return found


def feed(chance: random.Random, *, bmlt: bool) -> Any:
    """A whole feed: objects, JSON, a table, or bytes that are none of these."""
    rows: Any = [row(chance, number, bmlt=bmlt) for number in range(chance.choice((0, 1, 12, 40)))]
    kind = chance.randrange(10)
    if kind == 0:
        return chance.choice(CONTENTS)
    if kind == 1:
        rows = (
            {"meetings": rows, "formats": anything(chance)}
            if bmlt
            else {"values": [list(GUIDE), *rows, anything(chance)]}
        )
    if kind == 2 and not bmlt:
        lines = [",".join(GUIDE)] + [",".join(text(chance)[:200] for _ in GUIDE) for _ in range(12)]
        return "\n".join(lines).encode("utf-8", "surrogatepass")
    if kind in (3, 4):
        return rows
    written = json.dumps(rows, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    if kind == 5:
        place = chance.randrange(len(written))
        return written[:place] + chance.choice((b"", b"\x00", b"\xff", b'"')) + written[place + chance.randrange(9) :]
    return written if kind == 6 else written.decode("utf-8", "surrogatepass")

"""The table on a terminal, and between its marks in docs/faults.md."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from bench.table import machine
from faults.provider import EMAIL, PLAIN, TEXT
from faults.rig import RATE
from faults.verdict import Row
from launcher.paths import ROOT

FILE = ROOT / "docs" / "faults.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
HEAD = ("Fault", "Provider", "Promised", "Sent", "Explained", "Doubles", "Seconds", "")
PROVIDERS = {EMAIL: "email, drops doubles", PLAIN: "email, drops nothing", TEXT: "text, can be asked"}


def provider(channel: str, *, reports: bool) -> str:
    """Which provider a row is about, and whether it reported."""
    return PROVIDERS[channel] + (", reports" if reports else "")


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table."""
    avoided = ((row.dropped, "dropped by key"), (row.found, "found by asking"), (row.told, "reported"))
    ways = "; ".join(f"{times} {way}" for times, way in avoided if times)
    reasons = "; ".join(f"{times} {reason}" for reason, times in sorted(row.reasons.items()))
    return (
        row.fault,
        provider(row.channel, reports=row.reports),
        f"{row.promised:,}",
        f"{row.sent:,}",
        f"{row.explained:,}" + (f" ({reasons})" if reasons else ""),
        f"{row.doubles}" + (f" ({ways})" if ways else ""),
        f"{row.seconds:.0f}",
        "holds" if row.holds else "FAILS",
    )


def printed(row: Row) -> str:
    """One row, as soon as it is known, with what is wrong."""
    fault, channel, promised, sent, explained, doubles, seconds, verdict = cells(row)
    line = f"{verdict}  {fault} ({channel}): {promised} promised = {sent} sent + {explained}"
    line += f"; doubles {doubles}; {seconds} s"
    more = [f"       {each}" for each in (*row.wrong, row.remark) if each]
    return "\n".join([line, *more])


def write(rows: Sequence[Row], *, on: datetime.date, is_quick: bool) -> None:
    """Put the table of this run between its marks."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows]
    failed = sum(not row.holds for row in rows)
    said = [
        f"{on:%b} {on.day}, {on.year}, on {machine()}{', with --quick' if is_quick else ''};",
        f"the clock ran {RATE:.0f} times as fast.",
        f"{len(rows) - failed} of {len(rows)} rows hold.",
    ]
    remarks = [f"- {row.fault}: {each}." for row in rows for each in (*row.wrong, row.remark) if each]
    text = "\n".join([" ".join(said), "", *lines, *(["", *remarks] if remarks else [])])
    page = FILE.read_text()
    FILE.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{text}\n{END}", page, flags=re.DOTALL))

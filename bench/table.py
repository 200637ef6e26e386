"""Figures beside goals: on a terminal, red where missed, and as a table in docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from launcher.paths import ROOT

if TYPE_CHECKING:
    from bench.catalog import Page
    from bench.pages import Cost

    Costs = Mapping[tuple[str, str], Cost]

FILE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
HEAD = ("Page", "Median ms (middle half)", "Queries", "KB", "× plain", "× plain, SQL", "× admin", "× smaller")
RATE = 3.0  # charts a second, to those of the admin


@dataclass(frozen=True)
class Cell:
    """A figure with its goal, if it has one."""

    text: str
    goal: str = ""
    is_missed: bool = False

    @property
    def whole(self) -> str:
        """With its goal."""
        return f"{self.text} (≤ {self.goal})" if self.goal else self.text


Row = tuple[Cell, ...]


def rows(pages: Sequence[Page], costs: Costs) -> list[Row]:
    """A line a page. What is smaller is the same page in a clinic a tenth as large, or of a shorter chart."""
    made: list[Row] = []
    for page in pages:
        own, goals = costs[page.name, ""], page.goals
        plain, admin, tenth = (costs.get((page.name, kind)) for kind in ("plain", "admin", "tenth"))
        smaller = costs[page.shorter, ""] if page.shorter else tenth
        low, high = own.spread
        made.append(
            (
                Cell(page.name),
                Cell(f"{own.milliseconds:.0f} ({low:.0f}–{high:.0f})"),
                _figure(own.queries, goals.queries, 0),
                _figure(own.kilobytes, goals.kilobytes, 0),
                _ratio(own, plain, goals.plain),
                _ratio(own, plain, goals.sql, of="sql"),
                _ratio(own, admin, goals.admin),
                _ratio(own, smaller, goals.growth),
            )
        )
    return made


def _figure(value: float, goal: float | None, places: int = 2) -> Cell:
    if goal is None:
        return Cell(f"{value:.{places}f}")
    return Cell(f"{value:.{places}f}", f"{goal:g}", value > goal)


def _ratio(own: Cost, other: Cost | None, goal: float | None, *, of: str = "milliseconds") -> Cell:
    if other is None or not getattr(other, of) or (of == "sql" and goal is None):
        return Cell("")
    return _figure(getattr(own, of) / getattr(other, of), goal)


def _tail(empty: Cost, rates: dict[str, float]) -> list[Cell]:
    """What is not a page."""
    factor = rates["ours"] / rates["admin"] if rates["admin"] else 0.0
    return [
        Cell(f"An empty view through the same middleware: {empty.milliseconds:.1f} ms, {empty.queries} queries."),
        Cell(
            f"Charts a second, eight at once: {rates['ours']:.1f}; plain {rates['plain']:.1f};"
            f" admin with inlines {rates['admin']:.1f}: {factor:.2f} times as many as the admin (goal ≥ {RATE:g}).",
            is_missed=factor < RATE,
        ),
    ]


def _missed(made: list[Row]) -> str:
    with_goal = [cell for row in made for cell in row if cell.goal]
    return f"{sum(cell.is_missed for cell in with_goal)} of {len(with_goal)} goals missed."


def printed(made: list[Row], empty: Cost, rates: dict[str, float], *, clients: int, rounds: int) -> str:
    """For a terminal."""
    lines = [f"\n{clients:,} clients beside a tenth of them, {rounds} rounds; goals in parentheses"]
    cells = [tuple(Cell(each) for each in HEAD), *made]
    widths = [max(len(row[place].whole) for row in cells) for place in range(len(HEAD))]
    for row in cells:
        lines.append("  ".join(_red(cell, cell.whole.ljust(width)) for cell, width in zip(row, widths, strict=True)))
    lines += [_red(cell, cell.text) for cell in _tail(empty, rates)]
    return "\n".join([*lines, _missed(made)])


def _red(cell: Cell, text: str) -> str:
    if not cell.is_missed:
        return text
    return f"\033[31m{text}\033[0m" if sys.stdout.isatty() else text.replace(cell.text, f"{cell.text}!", 1)


def write(made: list[Row], empty: Cost, rates: dict[str, float], *, clients: int, rounds: int) -> None:
    """Put the table between its marks."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    lines += [
        "| " + " | ".join(f"**{cell.whole}**" if cell.is_missed else cell.whole for cell in row) + " |" for row in made
    ]
    said = [
        f"{timezone.localdate():%b %-d, %Y}: {clients:,} clients beside {clients // 10:,}, {rounds} rounds,",
        f"on {machine()}.",
        "Goals in parentheses; **bold** where missed.",
    ]
    after = [*(cell.text for cell in _tail(empty, rates)), _missed(made)]
    text = "\n".join([" ".join(said), "", *lines, "", *(f"- {each}" for each in after)])
    page = FILE.read_text()
    FILE.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{text}\n{END}", page, flags=re.DOTALL))


def machine() -> str:
    """Its processor and memory."""
    with open("/proc/cpuinfo") as told:
        names = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name = names[0] if names else platform.machine()
    return f"{len(os.sched_getaffinity(0))} cores of {name}, {memory:.0f} GB, Python {platform.python_version()}"

"""Draws architecture.svg from the imports as they are: `python docs/pictures/architecture.py` (part of `make fmt`).

A row is a floor: an app stands above everything that it imports. In an app, its rooms (sub-packages) stand in the same
order. tests/house/test_architecture.py fails where the committed picture is not the one that this draws.
"""

from __future__ import annotations

import ast
import html
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_suffix(".svg")
APPS = {
    "config": "settings, addresses, the job schedule",
    "demo": "the lived-in demo clinic",
    "desk": "Today, the chart's overview and timeline",
    "counseling": "notes, signing, plans, measures",
    "groups": "attendance, peer mentors",
    "referrals": "meetings, follow-through",
    "appointments": "calendar, openings",
    "reminders": "the outbox, delivery, opt-outs",
    "privacy": "consents, disclosures, access log",
    "cases": "inquiries, clients, episodes, level of care, returns to use, what was learned",
    "staff": "clinics, people, roles, the audit chain",
}
# Folders that every app has; they follow the rooms and are none themselves.
LAYERS = {"admin", "forms", "filters", "management", "migrations", "models", "templatetags", "urls", "views"} | {
    "fonts",
    "formats",
    "settings",
}

WIDTH, MARGIN, GAP = 960, 24, 16
CHIP, LINE = 26, 34
STYLE = """
    text { font-family: system-ui, sans-serif; font-size: 13px; fill: #1b2225 }
    .name { font-weight: 650; font-size: 15px } .what, .note { fill: #535c60 }
    .app { fill: #f7f6f3; stroke: #81878a } .room { fill: #e2eff0; stroke: #0f5965 }
    .arrow { stroke: #535c60; fill: none } .head { fill: #535c60 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e8e6e1 } .what, .note { fill: #b4babd }
      .app { fill: #1f2629; stroke: #7d868a } .room { fill: #143a40; stroke: #6fb6c0 }
      .arrow { stroke: #b4babd } .head { fill: #b4babd }
    }
"""


@cache
def imported(path: Path) -> list[str]:
    """The dotted names that a file imports, wherever in the file it does so."""
    package = list(path.relative_to(ROOT).parent.parts)
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return found


def between_apps() -> dict[str, set[str]]:
    """Which apps each app imports. Management commands may import anything and are left out."""
    apps = [app for app in APPS if (ROOT / app / "__init__.py").exists()]
    found: dict[str, set[str]] = {}
    for app in apps:
        files = [path for path in (ROOT / app).rglob("*.py") if "management" not in path.parts]
        roots = {name.split(".")[0] for path in files for name in imported(path)}
        found[app] = roots & set(apps) - {app}
    found["config"] |= set(apps) - {"config", "demo"}  # by name, in INSTALLED_APPS and urls.py
    return found


def between_rooms(app: str) -> dict[str, set[str]]:
    """Which rooms of the app each of its rooms imports."""
    rooms = {path.parent.name for path in (ROOT / app).glob("*/__init__.py")} - LAYERS
    found: dict[str, set[str]] = {}
    for room in sorted(rooms):
        names = {name for path in sorted((ROOT / app / room).rglob("*.py")) for name in imported(path)}
        parts = [name.split(".") for name in names if name.startswith(f"{app}.")]
        found[room] = {part[1] for part in parts if len(part) > 1} & rooms - {room}
    return found


def rows(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """Top to bottom, each as high as it can stand above all that it imports. A circle shares a row."""
    below = {name: _reached(name, arrows) for name in arrows}
    left, found = set(arrows), []
    while left:
        # Nobody left imports it, but from within the same circle.
        top = {name for name in left if not any(name in below[one] and one not in below[name] for one in left)}
        found.append(sorted(top, key=list(arrows).index))
        left -= top
    return found


def _reached(name: str, arrows: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(arrows[name])
    while waiting:
        if (one := waiting.pop()) not in found:
            found.add(one)
            waiting += arrows[one]
    return found


def drawn() -> str:
    """The picture."""
    arrows = between_apps()
    parts: list[str] = []
    boxes: dict[str, tuple[float, float, float, float]] = {}
    y = 28.0
    for row in rows(arrows):
        boxes |= _row(row, y, parts)
        y += max(boxes[app][3] for app in row) + 30
    floor = {app: number for number, row in enumerate(rows(arrows)) for app in row}
    heads = [
        _arrow(boxes[app], boxes[other], past=floor[other] > floor[app] + 1)
        for app in arrows
        for other in sorted(_direct(app, arrows))
    ]
    note = "Each app imports only from rows below it; in an app, each room only from rooms in lines below it."
    parts.append(f'<text class="note" x="{MARGIN}" y="{y - 6:.0f}">{note}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 10:.0f}" role="img" '
        f'aria-label="The apps of Onward, top to bottom: each imports only from those below it">\n'
        f"  <style>{STYLE}  </style>\n  " + "\n  ".join([*heads, *parts]) + "\n</svg>\n"
    )


def _direct(app: str, arrows: Mapping[str, set[str]]) -> set[str]:
    """Arrows that no longer way replaces."""
    return {other for other in arrows[app] if not any(other in _reached(via, arrows) for via in arrows[app] - {other})}


def _row(row: list[str], y: float, parts: list[str]) -> dict[str, tuple[float, float, float, float]]:
    weights = [2.0 if between_rooms(app) else 1.0 for app in row]
    free = WIDTH - 2 * MARGIN - GAP * (len(row) - 1)
    widths = [free * weight / sum(weights) for weight in weights]
    if len(row) == 1 and not between_rooms(row[0]):
        widths = [free * 0.62]
    x = (WIDTH - sum(widths) - GAP * (len(row) - 1)) / 2
    lines = [_chips(between_rooms(app), width - 2 * 14) for app, width in zip(row, widths, strict=True)]
    height = 54 + LINE * max(len(each) for each in lines)
    found = {}
    for app, width, chips in zip(row, widths, lines, strict=True):
        parts.append(
            f'<rect class="app" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" rx="7"/>'
            f'<text class="name" x="{x + 14:.0f}" y="{y + 24:.0f}">{app}/</text>'
            f'<text class="what" x="{x + 14:.0f}" y="{y + 42:.0f}">{html.escape(_fits(APPS[app], width))}</text>'
        )
        for number, line in enumerate(chips):
            at = x + 14
            for room in line:
                top = y + 54 + LINE * number
                parts.append(
                    f'<rect class="room" x="{at:.0f}" y="{top:.0f}" width="{_wide(room):.0f}" height="{CHIP}" rx="4"/>'
                    f'<text x="{at + 9:.0f}" y="{top + 17:.0f}">{room}</text>'
                )
                at += _wide(room) + 8
        found[app] = (x, y, width, height)
        x += width + GAP
    return found


def _chips(arrows: Mapping[str, set[str]], width: float) -> list[list[str]]:
    """The rooms in lines: a line of the picture for each row of rooms, more where they do not fit."""
    lines: list[list[str]] = []
    for row in rows(arrows):
        lines.append([])
        for room in row:
            if sum(_wide(one) + 8 for one in [*lines[-1], room]) > width:
                lines.append([])
            lines[-1].append(room)
    return lines


def _wide(room: str) -> float:
    return 18 + 7.4 * len(room)


def _fits(words: str, width: float) -> str:
    longest = int((width - 28) / 6.6)
    return words if len(words) <= longest else words[: words.rfind(",", 0, longest)] + " …"


def _arrow(
    above: tuple[float, float, float, float], below: tuple[float, float, float, float], *, past: bool = False
) -> str:
    """From the foot of one box to the head of another; `past` the rows between them on the right."""
    x1, y1 = above[0] + above[2] / 2, above[1] + above[3]
    x2, y2 = below[0] + below[2] / 2, below[1]
    if below[2] > above[2]:  # onto the wide box, straight down
        x2 = min(max(x1, below[0] + 20), below[0] + below[2] - 20)
    else:
        x1 = min(max(x2, above[0] + 20), above[0] + above[2] - 20)
    way = f"L{x2:.0f} {y2 - 7:.0f}"
    if past:
        x2 = WIDTH - MARGIN - 60
        way = f"v10H{x2}V{y2 - 7:.0f}"
    return (
        f'<path class="arrow" d="M{x1:.0f} {y1:.0f}{way}"/><path class="head" d="M{x2 - 5:.0f} {y2 - 8:.0f}h10l-5 8z"/>'
    )


if __name__ == "__main__":
    PICTURE.write_text(drawn())
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)} is drawn.\n" if "-v" in sys.argv else "")

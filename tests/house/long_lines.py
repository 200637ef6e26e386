"""Lines of templates that are longer than 120 characters, by file: `python -m tests.house.long_lines` lowers the list.

It never raises a number: a line that is new stays red until it is broken up (tests/house/test_templates.py).
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_suffix(".txt")
LONGEST = 120


def found() -> dict[str, int]:
    """How many there are now, in each file that has some."""
    counted = {
        path.relative_to(ROOT).as_posix(): sum(len(line) > LONGEST for line in path.read_text().splitlines())
        for path in sorted((ROOT / "templates").rglob("*.html"))
    }
    return {path: number for path, number in counted.items() if number}


def allowed() -> dict[str, int]:
    """How many may be there."""
    lines = [line.split() for line in LIST.read_text().splitlines()]
    return {path: int(number) for number, path in lines}


def lower() -> None:
    """Write down what is there now, where that is less."""
    now = found()
    kept = {path: min(number, now.get(path, 0)) for path, number in allowed().items()}
    LIST.write_text("".join(f"{number} {path}\n" for path, number in sorted(kept.items()) if number))


if __name__ == "__main__":
    lower()

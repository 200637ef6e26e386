"""The walkthrough of ASVS 5.0 leaves nothing out, and its counts are those of its tables."""

from __future__ import annotations

import re
from collections import Counter

from .sources import ROOT

PAGE = (ROOT / "docs" / "asvs.md").read_text()
# How many requirements of levels 1 and 2 each chapter of version 5.0 has.
CHAPTERS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29,
    11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip
NOT_HERE = {9, 10, 17}  # chapters about what Onward doesn't have: their numbers stand in one line
LINE = re.compile(r"^\| (\d+)\.(\d+)\.(\d+) \| [12] \| (met|\*\*not met\*\*|n/a) \| (.+) \| (.+) \|$", re.MULTILINE)


def test_every_requirement_is_there_once() -> None:
    numbers = [found.group(1, 2, 3) for found in LINE.finditer(PAGE)]
    assert len(numbers) == len(set(numbers))
    assert Counter(int(chapter) for chapter, _, _ in numbers) == {
        chapter: count for chapter, count in CHAPTERS.items() if chapter not in NOT_HERE
    }
    for chapter in NOT_HERE:
        assert len(set(re.findall(rf"\b{chapter}\.\d+\.\d+\b", PAGE))) == CHAPTERS[chapter]


def test_the_counts_are_right() -> None:
    said: dict[int, list[int]] = {
        int(found[1]): [int(each) for each in found.group(2, 3, 4)]
        for found in re.finditer(r"^\| V(\d+) [^|]+ \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    }
    counted = {chapter: [0, 0, CHAPTERS[chapter] if chapter in NOT_HERE else 0] for chapter in CHAPTERS}
    for found in LINE.finditer(PAGE):
        counted[int(found[1])][("met", "**not met**", "n/a").index(found[4])] += 1
    assert said == counted
    totals = [sum(each) for each in zip(*counted.values(), strict=True)]
    assert f"| **All {sum(totals)}** | **{totals[0]}** | **{totals[1]}** | **{totals[2]}** |" in PAGE


def test_what_is_met_or_not_says_where() -> None:
    """Nothing is claimed without a place, but for what the language or a library does."""
    without = {".".join(found.group(1, 2, 3)) for found in LINE.finditer(PAGE) if found[4] == "met" and found[6] == "–"}
    assert without <= {"1.4.1", "1.4.3", "6.5.3", "6.5.4", "11.6.1"}

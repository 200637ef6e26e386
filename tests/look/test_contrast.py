"""Text and marks can be read in both color schemes: WCAG 2.2, 1.4.3 and 1.4.11, computed from the tokens."""

from __future__ import annotations

import re

import pytest

from tests.house.sources import ROOT

CSS = (ROOT / "static/css/tokens.css").read_text()
GROUNDS = ("paper", "surface", "sunken", "rail", "hover")
TONES = ("accent", "good", "attention", "danger", "info")


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--ow-([\w-]+): (#[0-9a-f]{6})", css))


LIGHT = tokens(CSS.split("@media")[0])
SCHEMES = {"light": LIGHT, "dark": LIGHT | tokens(CSS.split("@media")[1])}


def luminance(color: str) -> float:
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TEXT = [(ink, ground) for ink in ("ink", "ink-2") for ground in GROUNDS]
TEXT += [(tone, ground) for tone in (*TONES, "accent-strong") for ground in ("paper", "surface", "sunken")]
TEXT += [(tone, f"{tone}-soft") for tone in TONES] + [("ink", f"{tone}-soft") for tone in TONES]
TEXT += [("ink-2", "accent-soft"), ("accent-strong", "accent-soft")]
TEXT += [
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("on-danger", "danger-strong"),
]
MARKS = [(mark, ground) for mark in ("line-strong", "axis") for ground in ("paper", "surface")]
MARKS += [(f"series-{number}", "paper") for number in range(1, 7)] + [("level-3", "paper"), ("level-4", "paper")]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(scheme: str, ink: str, ground: str) -> None:
    colors = SCHEMES[scheme]
    assert contrast(colors[ink], colors[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_edges_and_marks_can_be_seen(scheme: str, mark: str, ground: str) -> None:
    colors = SCHEMES[scheme]
    assert contrast(colors[mark], colors[ground]) >= 3


def test_every_color_of_the_dark_scheme_has_its_light_one() -> None:
    assert set(tokens(CSS.split("@media")[1])) <= set(LIGHT)


def test_the_rule_sees_grey_on_grey() -> None:
    assert contrast("#777777", "#888888") < 3
    assert round(contrast("#000000", "#ffffff")) == 21


def test_colors_stand_in_the_tokens_and_nowhere_else() -> None:
    """Paper is black on white, a code to scan must be, and the two marks inside a ticked box are images."""
    exempt = {"tokens.css", "print.css"}
    found = {}
    for path in (ROOT / "static/css").glob("*.css"):
        rules = re.sub(r"url\([^)]*\)", "", path.read_text())
        literals = re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|\b(?:rgba?|hsla?)\(", rules)
        if path.name not in exempt and literals:
            found[path.name] = [literal for literal in literals if literal.lower() not in {"#fff"}]
    assert not {name: colors for name, colors in found.items() if colors}


def test_the_triplets_for_bootstrap_are_the_same_colors() -> None:
    pairs = {"primary": "accent"}
    for part in CSS.split("@media")[:2]:
        own = tokens(part)
        for name, triplet in re.findall(r"--ow-rgb-([\w-]+): ([\d, ]+)", part):
            red, green, blue = (int(number) for number in triplet.split(","))
            assert f"#{red:02x}{green:02x}{blue:02x}" == own[pairs.get(name, name)], name

"""Person-first words in everything that people read: templates, choices, messages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .sources import APPS, ROOT

# What to avoid, and what to write instead. Fellowship names are exempt; a client’s own words never stand in code.
AVOID = {
    r"\baddicts?\b(?! anonymous)": "person with a substance use disorder",
    r"\balcoholics?\b(?!,? anonymous)": "person with an alcohol use disorder",
    r"\babusers?\b": "person with a substance use disorder",
    r"\bjunk(y|ie)s?\b": "person with a substance use disorder",
    r"\bsubstance abuse\b": "substance use",
    r"\bdrug abuse\b": "substance use",
    r"\b(stay|staying|stayed|get|getting|got|is|was|been) clean\b": "abstinent, in recovery",
    r"\bclean (time|date|and sober)\b": "recovery days, sobriety date",
    r"\b(clean|dirty) (test|urine|screen|uds)s?\b": "tested negative, tested positive",
    r"\bformer addict\b": "person in recovery",
    r"\bopioid replacement\b": "medication for addiction treatment",
    r"\bfell off the wagon\b": "returned to use",
    r"\bfailed treatment\b": "treatment did not meet their needs",
    r"\bnon-?complian(t|ce)\b": "barriers: …",
    r"\bunmotivated\b": "ambivalent",
    r"\b(client|patient|person|member) refused\b": "declined",
    r"\bfrequent flyer\b": "returning client",
    r"\bself-help group\b": "mutual-help group",
    r"\breset(s)? to (0|zero)\b": "a return to use keeps what came before it",
}

LISTS_OF_SUCH_WORDS = {ROOT / "reminders" / "revealing.py"}  # what a reminder must never say

READ_BY_PEOPLE = [
    *sorted((ROOT / "templates").rglob("*.html")),
    *sorted((ROOT / "templates").rglob("*.txt")),
    *(
        path
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts and path not in LISTS_OF_SUCH_WORDS
    ),
]


def words_to_mend(text: str) -> list[str]:
    """Each phrase to avoid that stands in the text, with what to write."""
    return [
        f"“{match.group()}”: write {better}"
        for pattern, better in AVOID.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


@pytest.mark.parametrize("path", READ_BY_PEOPLE, ids=lambda path: str(path.relative_to(ROOT)))
def test_words_put_the_person_first(path: Path) -> None:
    assert words_to_mend(path.read_text()) == []


@pytest.mark.parametrize(
    "sentence",
    ["A former addict.", "She stayed clean.", "Two dirty tests.", "Client refused group.", "Substance abuse history"],
)
def test_the_rule_sees_a_word_to_avoid(sentence: str) -> None:
    assert words_to_mend(sentence)


@pytest.mark.parametrize(
    "sentence", ["Alcoholics Anonymous", "Narcotics Anonymous", "a clean page", "dirty field of a form"]
)
def test_fellowships_and_plain_english_are_exempt(sentence: str) -> None:
    assert not words_to_mend(sentence)

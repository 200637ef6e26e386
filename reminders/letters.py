"""What somebody typed, letter by letter, as the eye reads it: the one owner of plain letters for everything that looks
for words (`reminders.meaning`: what a reply says; `reminders.revealing`: what a message would give away).

A soft hyphen or a letter without width, which keyboards and mail programs put in by themselves, hides no word; where
it stands for the space between two, `spaced` reads them apart.
"""

from __future__ import annotations

import unicodedata

# Accents and marks (also those that only choose a letter's shape), and what has no width.
_UNSEEN = frozenset({"Mn", "Me", "Cf"})
# Letters and signs by their kind, and blank all the same: fillers of Hangul, the empty Braille cell; and a control.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\x00")
# Letters of other alphabets that look like ours.
_LOOK_ALIKES = str.maketrans(
    "авеіјкмнорѕстухԁɡαερικνοτυχАВЕІЈКМНОРЅСТУХΑΒΕΗΙΚΜΝΟΡΤΥΧΖ",
    "abeijkmhopsctyxdgaepiknotuxABEIJKMHOPSCTYXABEHIKMNOPTYXZ",
)


def plain(text: str) -> str:
    """The text in plain letters: none with accents, of full width or of another alphabet's look, and nothing unseen."""
    spelled = unicodedata.normalize("NFKD", text)
    seen = (each for each in spelled if unicodedata.category(each) not in _UNSEEN and each not in _BLANK)
    return "".join(seen).translate(_LOOK_ALIKES)


def spaced(text: str) -> str:
    """The text with a space for each letter that has no width: some keyboards put those between words, not in them.

    A soft hyphen stands in a word.
    """
    text = text.replace("\N{SOFT HYPHEN}", "")
    return "".join(" " if unicodedata.category(each) == "Cf" or each in _BLANK else each for each in text)

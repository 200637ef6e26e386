"""Name comparison rules, shared by search, matching, duplicate checks and the group note name check.

Names are read the way people around the world write them: in any order, one word or six, with particles, hyphens and
any kind of apostrophe, with or without accents, in scripts without lowercase letters, spaces, or sounds that we can
compute. The database reads them the same way (cases_plain, cases_name_words, cases_name_sounds; migration
0001_initial), so rows written in bulk or by SQL are found too. people/test_names.py keeps the two in step.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from enum import IntEnum
from functools import lru_cache

import jellyfish

# Apostrophe characters: straight, curly, modifier letters (ʻokina, hamza, ayn), grave and acute, prime, wide.
APOSTROPHES = "'’‘ʼʻ`´′ʹʾʿ＇"
_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))

# Marks over and under letters that a hurried hand leaves out: Latin, Greek and Cyrillic accents, Hebrew points, Arabic
# vowel signs and the stretching tatweel. Vowel signs of Indian scripts, Thai tones and the voicing of kana stay: they
# make another letter.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]"
)

# Letters that are no other letter with a mark; the database's unaccent() writes them so.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ß": "ss", "ς": "σ"}
    | {"Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "Æ": "AE", "Œ": "OE", "Ħ": "H", "ẞ": "SS"}
)

# Small words in names. Alone they distinguish no one, so they may be left out and never count as the name.
PARTICLES = frozenset(
    re.findall(
        r"\w+",
        """a abu af al am av ap ben bin bint bt d da dal dalla das de del dela della den der des di do dos du e el et
        ibn il in la las le les li lo los mac mc na ni o of op san santa st saint te ten ter the ti tom und van vande
        vander ver vom von y ye zu zum zur""",
    )
)

MOST_WORDS = 8  # of what someone typed; no one is looked for by more
SHORTEST_HEARD = 2  # letters; names this short are not compared by sound
SPELT_ALIKE = 0.86  # Jaro-Winkler, from which a difference looks like a slip of the pen or the ear

# Scripts that write names without a space between family and given name, or between words.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = re.compile(f"[{UNSPACED}]")


def bare(text: str) -> str:
    """A text without accents and with straight apostrophes; case is kept."""
    letters = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    return unicodedata.normalize("NFC", _MARKS.sub("", letters)).translate(_LETTERS)


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """The same in lowercase, as typed in a hurry: “Núñez” and “NUNEZ” are equal."""
    return bare(name).lower().translate(_LETTERS)


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """Its words in lowercase, split at spaces, hyphens and apostrophes: “O’Brien-Smith” has three."""
    return tuple(_apart(plain(name)).split())


@lru_cache(maxsize=8192)
def joined(name: str) -> str:
    """Its letters with nothing between them: “De la Cruz” and “Delacruz” are equal."""
    return "".join(words(name))


def bearing(name: str) -> tuple[str, ...]:
    """The words that distinguish people: without particles, unless there is nothing else."""
    all_of_them = words(name)
    return tuple(word for word in all_of_them if word not in PARTICLES) or all_of_them


@lru_cache(maxsize=8192)
def readings(text: str) -> tuple[tuple[str, ...], ...]:
    """Possible readings of the typed text as words: as typed, and with one run of words joined.

    “sean o brien” may be Sean OBrien, “maria de la cruz” Maria Delacruz. “O'Brien” is read as one word and as two.
    """
    found = [words(text)[:MOST_WORDS]]
    found.append(tuple(_apart(plain(text).replace("'", "")).split())[:MOST_WORDS])
    apart = found[0]
    for first in range(len(apart)):
        for last in range(first + 2, min(len(apart), first + 4) + 1):
            found.append((*apart[:first], "".join(apart[first:last]), *apart[last:]))
    return tuple(dict.fromkeys(reading for reading in found if reading))


def is_unspaced(name: str) -> bool:
    """Whether it is in a script that puts no spaces between words or names."""
    return bool(_UNSPACED.search(name))


def same(one: str, other: str) -> bool:
    """Whether two ways of writing are one name."""
    return alike(one, other) == Likeness.SAME


def is_whole(one: str, other: str) -> bool:
    """Whether two whole names have the same words, particles too, in any order, or the same letters."""
    return bool(joined(one)) and (joined(one) == joined(other) or sorted(words(one)) == sorted(words(other)))


class Likeness(IntEnum):
    """How similar the searched name is to one on record; higher is more similar."""

    NONE = 0
    BEGINS = 1  # what was asked is its beginning
    SPELT = 2  # one or two letters differ
    SOUNDS = 3
    PART = 4  # one of several names, of the asked or of the held
    SAME = 5


@lru_cache(maxsize=16384)
def alike(asked: str, held: str) -> Likeness:
    """How like two names are: first or last names, each of one or several words. An empty name is like no other.

    Sound and spelling are compared in Latin letters only: elsewhere two names are the same, begin the same, or differ.
    """
    one, other = joined(asked), joined(held)
    if not (one and other):
        return Likeness.NONE
    asked_words, held_words = bearing(asked), bearing(held)
    if one == other or sorted(asked_words) == sorted(held_words):
        return Likeness.SAME
    if _is_part(asked_words, held_words) or _is_part(held_words, asked_words):
        return Likeness.PART
    if _is_latin(one) and _is_latin(other):
        is_split_otherwise = len(words(asked)) != len(words(held))
        if (is_split_otherwise and _sound_alike((one,), (other,))) or _sound_alike(asked_words, held_words):
            return Likeness.SOUNDS
        if jellyfish.jaro_winkler_similarity(one, other) >= SPELT_ALIKE and not other.startswith(one):
            return Likeness.SPELT
    if begins(asked, held):
        return Likeness.BEGINS
    if _is_latin(one) and _is_latin(other) and _each_sounds(asked_words, held_words):
        return Likeness.SPELT
    return Likeness.NONE


def begins(asked: str, held: str) -> bool:
    """Whether each word that was typed is the beginning of a word on record, or all together that of the name."""
    starts = {*words(held), *words(held.translate(_APOSTROPHES).replace("'", "")), joined(held)}
    return any(all(any(start.startswith(word) for start in starts) for word in reading) for reading in readings(asked))


def letters_shared(one: str, other: str) -> float:
    """How similar two names' spelling is, from 0 to 1; sorts names that are otherwise equally similar."""
    return jellyfish.jaro_winkler_similarity(joined(one), joined(other))


def _apart(name: str) -> str:
    return "".join(" " if unicodedata.category(each)[0] in "PSZC" else each for each in name)


def _is_latin(name: str) -> bool:
    return name.isascii() and name.isalpha()


@lru_cache(maxsize=8192)
def _sound(word: str) -> str:
    return jellyfish.metaphone(word)


def _sound_alike(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether each word sounds like one of the others, in any order.

    A word with no sound of its own (a single y) sounds like no other. Two-letter names (De and Da) match only if they
    are spelled the same: so little sound is common to too many.
    """
    left, right = ([*(Counter(one) - Counter(other)).elements()] for one, other in ((some, others), (others, some)))
    if sorted(map(_sound, left)) != sorted(map(_sound, right)):
        return False
    longest: dict[str, int] = {}
    for word in (*left, *right):
        longest[_sound(word)] = max(len(word), longest.get(_sound(word), 0))
    return all(sound and letters > SHORTEST_HEARD for sound, letters in longest.items())


def _is_part(some: tuple[str, ...], more: tuple[str, ...]) -> bool:
    return len(some) < len(more) and all(word in more and len(word) > 1 for word in some)


def _each_sounds(asked: tuple[str, ...], held: tuple[str, ...]) -> bool:
    """“Garzia” for García López: each word of the shorter name sounds like one of the longer."""
    some, more = sorted(([*map(_sound, asked)], [*map(_sound, held)]), key=len)
    return len(some) < len(more) and all(sound in more and len(sound) > 1 for sound in some)

"""The mutual-help fellowships, and what their meeting codes mean: one vocabulary for all of them.

Fellowships use the same code for different things: "POA" is proof of attendance at AA and parents at Al-Anon, "S" is
Spanish at AA and a speaker at ACA. Such a code is renamed when a list is read (`read_as`), so that a code in the
directory means one thing whatever its fellowship, and a need (`NEEDS`) can be asked of all of them at once. Wording
stays each fellowship's own. AA's codes come from the Meeting Guide specification (code4recovery/spec), NA's are BMLT
world ids, the others' come from the 12 Step Meeting List plugin (its includes/variables.php).
"""

from __future__ import annotations

import functools
import re

from django.db import models


class Fellowship(models.TextChoices):
    """The fellowships, always listed in this alphabetical order, with no preference."""

    ACA = "aca", "ACA (adult children)"
    AL_ANON = "al-anon", "Al-Anon (family)"
    AA = "aa", "Alcoholics Anonymous"
    CELEBRATE_RECOVERY = "celebrate-recovery", "Celebrate Recovery"
    CA = "ca", "Cocaine Anonymous"
    CMA = "cma", "Crystal Meth Anonymous"
    GA = "ga", "Gamblers Anonymous"
    HA = "ha", "Heroin Anonymous"
    LIFERING = "lifering", "LifeRing Secular Recovery"
    MA = "ma", "Marijuana Anonymous"
    MARA = "mara", "Medication-Assisted Recovery Anonymous"
    NAR_ANON = "nar-anon", "Nar-Anon (family)"
    NA = "na", "Narcotics Anonymous"
    RECOVERY_DHARMA = "recovery-dharma", "Recovery Dharma"
    REFUGE_RECOVERY = "refuge-recovery", "Refuge Recovery"
    SLAA = "slaa", "SLAA (sex and love)"
    SMART = "smart", "SMART Recovery"
    WOMEN_FOR_SOBRIETY = "wfs", "Women for Sobriety"
    OTHER = "other", "Another mutual-help group"

    @classmethod
    def read(cls, value: str) -> Fellowship:
        """The fellowship meant by "AA", "Alcoholics Anonymous" or "AL_ANON". Raises ValueError for anything else."""
        wanted = value.strip().casefold()
        for each in cls:
            if wanted in {each.value, each.name.casefold(), str(each.label).casefold(), each.value.replace("-", " ")}:
                return each
        raise ValueError(f"{value!r} isn’t a known fellowship.")


LOCATION_CLOSED = "TC"
ONLINE = "ONL"
MEDICATION_FRIENDLY = "MAT"  # no list's code: ticked by hand (`kinds`)

_LANGUAGES = {
    "AF": "Afrikaans", "AM": "Amharic", "AR": "Arabic", "ASL": "American Sign Language", "BG": "Bulgarian",
    "DA": "Danish", "DE": "German", "EL": "Greek", "EN": "English", "FA": "Persian", "FI": "Finnish", "FR": "French",
    "HE": "Hebrew", "HI": "Hindi", "HR": "Croatian", "HU": "Hungarian", "IS": "Icelandic", "ITA": "Italian",
    "JA": "Japanese", "KA": "Georgian", "KOR": "Korean", "LT": "Lithuanian", "ML": "Malayalam", "MT": "Maltese",
    "NE": "Nepali", "NL": "Dutch", "NO": "Norwegian", "POL": "Polish", "POR": "Portuguese", "PUN": "Punjabi",
    "QSL": "Quebec Sign Language", "RSL": "Russian Sign Language", "RUS": "Russian", "S": "Spanish", "SK": "Slovak",
    "SL": "Slovenian", "SV": "Swedish", "TH": "Thai", "TL": "Tagalog", "TUR": "Turkish", "UK": "Ukrainian",
}  # fmt: skip

# Other names that lists have for a language: ISO codes, and names in English, German and the language itself.
_SPOKEN_LANGUAGES = {
    "AFRIKAANS": "AF", "AMHARIC": "AM", "ARA": "AR", "ARABIC": "AR", "ARABISCH": "AR",
    "AMERICAN SIGN LANGUAGE": "ASL", "SIGN LANGUAGE": "ASL", "BULGARIAN": "BG", "DANISH": "DA", "DANSK": "DA",
    "GER": "DE", "DEU": "DE", "GERMAN": "DE", "DEUTSCH": "DE", "GREEK": "EL", "ENG": "EN", "ENGLISH": "EN",
    "ENGLISCH": "EN", "FARSI": "FA", "PERSIAN": "FA", "PER": "FA", "FIN": "FI", "FINNISH": "FI", "FRE": "FR",
    "FRA": "FR", "FRENCH": "FR", "FRANZÖSISCH": "FR", "FRANCAIS": "FR", "FRANÇAIS": "FR", "HEB": "HE", "HEBREW": "HE",
    "HINDI": "HI", "CROATIAN": "HR", "HUN": "HU", "HUNGARIAN": "HU", "UNGARISCH": "HU", "UNGARISCHE": "HU",
    "ICELANDIC": "IS", "IT": "ITA", "ITALIAN": "ITA", "ITALIANO": "ITA", "JP": "JA", "JPN": "JA", "JAPANESE": "JA",
    "GEORGIAN": "KA", "KO": "KOR", "KOREAN": "KOR", "LIT": "LT", "LITHUANIAN": "LT", "MALAYALAM": "ML",
    "MALTESE": "MT", "NEPALI": "NE", "DUTCH": "NL", "NORWEGIAN": "NO", "PL": "POL", "POLISH": "POL",
    "POLNISCH": "POL", "POLSKI": "POL", "PT": "POR", "PORTUGUESE": "POR", "PORTUGUÊS": "POR", "PA": "PUN",
    "PUNJABI": "PUN", "RU": "RUS", "RUSSIAN": "RUS", "RUSSISCH": "RUS", "ES": "S", "ESP": "S", "SPA": "S", "SP": "S",
    "SPANISH": "S", "SPANISCH": "S", "ESPANOL": "S", "ESPAÑOL": "S", "ESPAGNOL": "S", "SPAANS": "S",
    "SPANSKA": "S", "HISPANA": "S", "HISPANO": "S", "CASTELLANO": "S",
    "SLOVAK": "SK", "SLOVENIAN": "SL", "SWE": "SV",
    "SWEDISH": "SV", "THAI": "TH", "TAGALOG": "TL", "TR": "TUR", "TURKISH": "TUR", "UKRAINIAN": "UK",
    "UKRAINISCH": "UK",
}  # fmt: skip
_NAMED_IN = re.compile(r"[^\W\d_]+(?: sign language)?", re.IGNORECASE)
# Beside a language, in the name of a format that says nothing else: "Spanish speaking", "En Español".
_AROUND_A_LANGUAGE = frozenset(
    (
        "SPEAKING", "SPEAKERS", "SPOKEN", "LANGUAGE", "MEETING", "MEETINGS", "GROUP", "BILINGUAL", "LINGUAL",
        "BILINGÜE", "BILINGUE", "HABLA", "REUNIÓN", "SPRACHE", "SPRACHIG", "ONLY",
    )
)  # fmt: skip


def languages(*said: str) -> tuple[str, ...]:
    """The vocabulary's codes of languages, from a short name or a longer description; none if none is meant.

    The first of `said` that names any decides: "ES", "Espanol", "Lithuanian/Russian", "This meeting is in Spanish.".
    """
    for each in said:
        word = each.strip().upper()
        if found := _SPOKEN_LANGUAGES.get(word) or (word if word in _LANGUAGES else ""):
            return (found,)
        named = _long_words(each)
        parts = ("SIGN LANGUAGE" if "SIGN LANGUAGE" in one else one for one in named)
        if several := tuple(dict.fromkeys(_SPOKEN_LANGUAGES[part] for part in parts if part in _SPOKEN_LANGUAGES)):
            return several
    return ()


def only_languages(name: str) -> tuple[str, ...]:
    """The same for a name that says nothing but languages: "Spanish speaking", and not "Spanish Lake Group"."""
    named = [word for word in _long_words(name) if word not in _AROUND_A_LANGUAGE]
    return languages(name) if named and all(word in _SPOKEN_LANGUAGES for word in named) else ()


def _long_words(text: str) -> list[str]:
    return [part.upper() for part in _NAMED_IN.findall(text) if len(part) > 3]


# Added for every fellowship by the plugin that most of them publish with.
_COMMON = {LOCATION_CLOSED: "Location temporarily closed", ONLINE: "Online"}

_MEETING_GUIDE = _COMMON | _LANGUAGES | {
    "11": "11th Step meditation", "12x12": "12 Steps & 12 Traditions", "A": "Secular", "ABSI": "As Bill Sees It",
    "AL": "Concurrent with Alateen", "AL-AN": "Concurrent with Al-Anon", "B": "Big Book",
    "BA": "Babysitting available", "BE": "Newcomers", "BI": "Bisexual", "BRK": "Breakfast",
    "BV-I": "Blind or visually impaired", "C": "Closed", "CAN": "Candlelight", "CF": "Child-friendly",
    "D": "Discussion", "D-HOH": "Deaf or hard of hearing", "DB": "Digital basket", "DD": "Dual diagnosis",
    "DR": "Daily Reflections", "FF": "Fragrance-free", "G": "Gay", "GR": "Grapevine", "H": "Birthday", "L": "Lesbian",
    "LGBTQ": "LGBTQ", "LIT": "Literature", "LO-I": "Loners and isolationists", "LS": "Living Sober", "M": "Men",
    "MED": "Meditation", "N": "Native American", "NB": "Non-binary", "NDG": "Indigenous", "O": "Open",
    "OUT": "Outdoor", "P": "Professionals", "POA": "Proof of attendance", "POC": "People of color", "SEN": "Seniors",
    "SM": "Smoking permitted", "SP": "Speaker", "ST": "Step study", "T": "Transgender", "TR": "Tradition study",
    "W": "Women", "X": "Wheelchair access", "XB": "Wheelchair-accessible bathroom", "XT": "Cross talk permitted",
    "Y": "Young people",
}  # fmt: skip

_NARCOTICS_ANONYMOUS = _COMMON | _LANGUAGES | {
    "BEG": "Beginners", "BT": "Basic Text", "C": "Closed", "CAN": "Candlelight", "CH": "Closed on holidays",
    "CPT": "12 Concepts", "CW": "Children welcome", "DISC": "Discussion", "GL": "Gay and lesbian",
    "IP": "Informational pamphlet", "IW": "It Works: How and Why", "JFT": "Just for Today", "LC": "Living Clean",
    "LIT": "Literature study", "M": "Men", "MED": "Meditation", "NC": "No children", "NS": "No smoking", "O": "Open",
    "QA": "Questions and answers", "RA": "Restricted access", "SMOK": "Smoking permitted",
    "SPAD": "A Spiritual Principle a Day", "SPK": "Speaker", "STEP": "Step study", "SWG": "Step working guide",
    "TOP": "Topic", "TRAD": "Tradition study", "VAR": "Format varies", "W": "Women", "X": "Wheelchair access",
    "Y": "Young people",
}  # fmt: skip

_AL_ANON = _COMMON | _LANGUAGES | {
    "A": "Secular", "AA": "Concurrent with AA", "AC": "Adult children", "AL": "Concurrent with Alateen",
    "BA": "Babysitting available", "BE": "Newcomers", "C": "Families and friends only",
    "FF": "Fragrance-free", "G": "Gay", "L": "Lesbian", "LGBTQIA": "LGBTQIA+", "M": "Men",
    "O": "Families, friends and observers", "PARENT": "Parents", "POC": "People of color",
    "SM": "Smoking permitted", "SP": "Speaker", "ST": "Step study", "T": "Transgender", "W": "Women",
    "X": "Wheelchair access", "Y": "Alateen", "YA": "Young adults",
}  # fmt: skip

_ADULT_CHILDREN = _COMMON | _LANGUAGES | {
    "18": "18 and older", "ANH": "A New Hope", "AV": "Audio or video", "BA": "Childcare available", "BE": "Beginners",
    "BOOK": "Book study", "C": "Closed", "CCAP": "Captions", "COS": "Concepts of service", "D": "Discussion",
    "FF": "Fragrance-free", "GL": "Gay and lesbian", "LGBTQ": "LGBTQ", "LLW": "Laundry Lists Workbook",
    "LPG": "Loving Parent Guidebook", "M": "Men", "NEEDY": "Needs support", "O": "Open", "POC": "People of color",
    "SM": "Smoking permitted", "SMR": "Strengthening My Recovery", "SP": "Speaker", "ST": "Step study",
    "TEEN": "Ages 12 to 18", "TEXT": "Fellowship text", "TR": "Tradition study", "W": "Women", "WOR": "Workshop",
    "X": "Wheelchair access", "YA": "Ages 18 to 26", "YWB": "Yellow workbook",
}  # fmt: skip

_COCAINE_ANONYMOUS = _MEETING_GUIDE | {"BUS": "Business"}

_GAMBLERS_ANONYMOUS = _COMMON | _LANGUAGES | {
    "20": "20 Questions", "B": "Big Book", "BA": "Babysitting available", "BE": "Newcomers", "C": "Closed",
    "CAN": "Candlelight", "CF": "Child-friendly", "COM": "Comment", "CRC": "Cross comment", "D": "Discussion",
    "DR": "Daily Reflections", "GAA": "Combined with Gam-Anon", "GAM": "Gam-Anon", "LGBTQ": "LGBTQ",
    "LIT": "Literature", "M": "Men", "MED": "Meditation", "O": "Open", "PAR": "Parking meters",
    "SM": "Smoking permitted", "SP": "Speaker", "ST": "Step study", "TOP": "Topic", "TR": "Tradition study",
    "W": "Women", "X": "Wheelchair access", "Y": "Young people",
}  # fmt: skip

_MARIJUANA_ANONYMOUS = _COMMON | _LANGUAGES | {
    "BE": "Beginners", "BOOK": "Book study", "C": "Closed", "CCAP": "Closed captions", "CHIP": "Chips",
    "D": "Discussion", "LGBTQ": "LGBTQI+", "M": "Men", "MED": "Meditation", "NB": "Non-binary", "O": "Open",
    "OUT": "Outdoor", "POC": "People of color", "SP": "Speaker", "T": "Transgender", "W": "Women",
    "X": "Wheelchair access", "Y": "Young people",
}  # fmt: skip

_DHARMA = _COMMON | _LANGUAGES | {
    "8F": "Eightfold Path study", "BA": "Childcare available", "BE": "Beginners", "BOOK": "Book study", "C": "Closed",
    "DF": "Dog-friendly", "INQ": "Inquiry study", "INQW": "Inquiry writing", "LGBTQ": "LGBTQ", "M": "Men",
    "MI": "Mindfulness practice", "O": "Open", "PR": "Process addictions", "W": "Women", "X": "Wheelchair access",
}  # fmt: skip

_SEX_AND_LOVE_ADDICTS = _COMMON | _LANGUAGES | {
    "A": "Secular", "ALLG": "All genders welcome", "AN": "Anorexia focus", "ASOG": "State of grace",
    "BA": "Childcare available", "BDSM": "BDSM focus", "BE": "Newcomers", "BOOK": "Book study", "C": "Closed",
    "CAM": "Camera on", "CHIP": "Chips", "D": "Topic discussion", "FF": "Fragrance-free",
    "FFL": "Framework for Living", "FTSY": "Fantasy", "GC": "Getting Current", "HOW": "H.O.W. meeting",
    "HR": "Healthy relationships", "LEG": "Legal consequences", "LGBTQ": "LGBTQ", "LIT": "Literature", "M": "Men",
    "MED": "Meditation", "MULT": "Multiple addictions", "NEUR": "Neurodivergent", "O": "Open",
    "POA": "Proof of attendance", "POC": "People of color", "PRI": "Prison", "S123": "Steps 1, 2 and 3",
    "SCRE": "Screened", "SEN": "Seniors", "SP": "Speaker", "SPEC": "Special interest", "SPON": "Sponsorship",
    "ST": "Step study", "SWKR": "Sex workers", "TOPL": "Top lines", "TR": "Tradition study", "TRMA": "Trauma focus",
    "VAR": "Format varies", "W": "Women", "WDRL": "Withdrawal", "X": "Wheelchair access", "XT": "Cross talk permitted",
    "Y": "Young people",
}  # fmt: skip

_OWN_CODES = {
    Fellowship.ACA: _ADULT_CHILDREN,
    Fellowship.AL_ANON: _AL_ANON,
    Fellowship.CA: _COCAINE_ANONYMOUS,
    Fellowship.GA: _GAMBLERS_ANONYMOUS,
    Fellowship.HA: _NARCOTICS_ANONYMOUS,
    Fellowship.MA: _MARIJUANA_ANONYMOUS,
    Fellowship.NA: _NARCOTICS_ANONYMOUS,
    Fellowship.RECOVERY_DHARMA: _DHARMA,
    Fellowship.REFUGE_RECOVERY: _DHARMA,
    Fellowship.SLAA: _SEX_AND_LOVE_ADDICTS,
}

# A fellowship's code that means something else in the vocabulary, or has another code there.
_BOOKS = {"BB": "BOOK"}
_OTHERWISE: dict[Fellowship, dict[str, str]] = {
    Fellowship.ACA: {
        "A": "18", "B": "BOOK", "BEG": "BE", "CAP": "CCAP", "CC": "BA", "G": "GL", "NS": "NEEDY", "S": "SP",
        "T": "TEXT", "Y": "YWB",
    },
    Fellowship.AL_ANON: {"POA": "PARENT"},
    Fellowship.MA: {**_BOOKS, "H": "CHIP", "LGBTQI+": "LGBTQ"},
    Fellowship.RECOVERY_DHARMA: {**_BOOKS, "CC": "BA", "IS": "INQ", "IW": "INQW", "WA": "X"},
    Fellowship.REFUGE_RECOVERY: {**_BOOKS, "CC": "BA", "IS": "INQ", "IW": "INQW", "WA": "X"},
    Fellowship.SLAA: {"12X12": "FFL", "B": "BOOK", "H": "CHIP", "NC": "BE", "VFOR": "VAR"},
}  # fmt: skip


def codes(fellowship: str) -> dict[str, str]:
    """One fellowship's codes and their meanings. Fellowships without a list use the Meeting Guide's."""
    return _OWN_CODES.get(Fellowship(fellowship), _MEETING_GUIDE)


@functools.cache
def read_as(fellowship: str) -> dict[str, str]:
    """The vocabulary's code for what a fellowship's list may say, in lower case: its codes and their meanings."""
    known = codes(fellowship)
    said = {name.casefold(): code for code, name in known.items()} | {code.casefold(): code for code in known}
    otherwise = _OTHERWISE.get(Fellowship(fellowship), {})
    return said | {theirs.casefold(): ours for theirs, ours in otherwise.items()}


def meaning(fellowship: str, code: str) -> str:
    """What a code means at this fellowship, or at AA or NA if it has none of its own; the code itself if unknown."""
    if code == MEDICATION_FRIENDLY:
        return "Medication-friendly"
    return codes(fellowship).get(code) or _MEETING_GUIDE.get(code) or _NARCOTICS_ANONYMOUS.get(code, code)


# What clients ask for whatever the fellowship, with the codes that the fellowships answer it by. Several codes: any.
NEEDS: dict[str, tuple[str, frozenset[str]]] = {
    "open": ("Open to anyone", frozenset({"O"})),
    "newcomers": ("For newcomers", frozenset({"BE", "BEG"})),
    "women": ("Women", frozenset({"W"})),
    "men": ("Men", frozenset({"M"})),
    "young": ("Young people", frozenset({"Y", "YA", "TEEN"})),
    "lgbtq": ("LGBTQ", frozenset({"LGBTQ", "LGBTQIA", "GL", "G", "L", "T", "BI", "NB"})),
    "spanish": ("In Spanish", frozenset({"S"})),
    "sign": ("Sign language", frozenset({"ASL"})),
    "wheelchair": ("Wheelchair access", frozenset({"X"})),
    "children": ("Children welcome", frozenset({"CF", "CW", "BA"})),
    "secular": ("Secular", frozenset({"A"})),
    "speaker": ("Speaker", frozenset({"SP", "SPK"})),
    "steps": ("Step study", frozenset({"ST", "STEP", "SWG"})),
    "proof": ("Proof of attendance", frozenset({"POA"})),
}

"""The mutual-help fellowships, and what each one's meeting codes mean.

The same code means different things in different fellowships ("C" at Al-Anon is not "C" at AA; "ST" at AA is "STEP" at
NA), so a code is always read together with its fellowship. AA's codes come from the Meeting Guide specification
(code4recovery/spec), NA's are BMLT world ids, and Al-Anon's come from the 12 Step Meeting List plugin.
"""

from __future__ import annotations

from django.db import models


class Fellowship(models.TextChoices):
    """The fellowships, always listed in this alphabetical order, with no preference."""

    AL_ANON = "al-anon", "Al-Anon (family)"
    AA = "aa", "Alcoholics Anonymous"
    CELEBRATE_RECOVERY = "celebrate-recovery", "Celebrate Recovery"
    CA = "ca", "Cocaine Anonymous"
    LIFERING = "lifering", "LifeRing Secular Recovery"
    MARA = "mara", "Medication-Assisted Recovery Anonymous"
    NA = "na", "Narcotics Anonymous"
    RECOVERY_DHARMA = "recovery-dharma", "Recovery Dharma"
    REFUGE_RECOVERY = "refuge-recovery", "Refuge Recovery"
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

_LANGUAGES = {
    "AF": "Afrikaans", "AM": "Amharic", "AR": "Arabic", "ASL": "American Sign Language", "BG": "Bulgarian",
    "DA": "Danish", "DE": "German", "EL": "Greek", "EN": "English", "FA": "Persian", "FI": "Finnish", "FR": "French",
    "HE": "Hebrew", "HI": "Hindi", "HR": "Croatian", "HU": "Hungarian", "IS": "Icelandic", "ITA": "Italian",
    "JA": "Japanese", "KA": "Georgian", "KOR": "Korean", "LT": "Lithuanian", "ML": "Malayalam", "MT": "Maltese",
    "NE": "Nepali", "NL": "Dutch", "NO": "Norwegian", "POL": "Polish", "POR": "Portuguese", "PUN": "Punjabi",
    "QSL": "Quebec Sign Language", "RSL": "Russian Sign Language", "RUS": "Russian", "S": "Spanish", "SK": "Slovak",
    "SL": "Slovenian", "SV": "Swedish", "TH": "Thai", "TL": "Tagalog", "TUR": "Turkish", "UK": "Ukrainian",
}  # fmt: skip

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

_NARCOTICS_ANONYMOUS = _COMMON | {
    "BEG": "Beginners", "BT": "Basic Text", "C": "Closed", "CAN": "Candlelight", "CH": "Closed on holidays",
    "CPT": "12 Concepts", "CW": "Children welcome", "DISC": "Discussion", "GL": "Gay and lesbian",
    "IP": "Informational pamphlet", "IW": "It Works: How and Why", "JFT": "Just for Today", "LC": "Living Clean",
    "LIT": "Literature study", "M": "Men", "MED": "Meditation", "NC": "No children", "NS": "No smoking", "O": "Open",
    "QA": "Questions and answers", "RA": "Restricted access", "SMOK": "Smoking permitted",
    "SPAD": "A Spiritual Principle a Day", "SPK": "Speaker", "STEP": "Step study", "SWG": "Step working guide",
    "TOP": "Topic", "TRAD": "Tradition study", "VAR": "Format varies", "W": "Women", "X": "Wheelchair access",
    "Y": "Young people",
}  # fmt: skip

_AL_ANON = _COMMON | {
    "A": "Secular", "AA": "Concurrent with AA", "AC": "Adult children", "AL": "Concurrent with Alateen",
    "BA": "Babysitting available", "BE": "Newcomers", "C": "Families and friends only", "EN": "English",
    "FF": "Fragrance-free", "G": "Gay", "L": "Lesbian", "LGBTQIA": "LGBTQIA+", "M": "Men",
    "O": "Families, friends and observers", "POA": "Parents", "POC": "People of color", "S": "Spanish",
    "SM": "Smoking permitted", "SP": "Speaker", "ST": "Step study", "T": "Transgender", "W": "Women",
    "X": "Wheelchair access", "Y": "Alateen",
}  # fmt: skip

_OWN_CODES = {Fellowship.NA: _NARCOTICS_ANONYMOUS, Fellowship.AL_ANON: _AL_ANON}


def codes(fellowship: str) -> dict[str, str]:
    """One fellowship's codes and their meanings. Fellowships without a list use the Meeting Guide's."""
    return _OWN_CODES.get(Fellowship(fellowship), _MEETING_GUIDE)


def meaning(fellowship: str, code: str) -> str:
    """What a code means at this fellowship; the code itself if unknown."""
    return codes(fellowship).get(code, code)


# What clients ask for whatever the fellowship, with the codes that the fellowships answer it by. Several codes: any.
NEEDS: dict[str, tuple[str, frozenset[str]]] = {
    "open": ("Open to anyone", frozenset({"O"})),
    "newcomers": ("For newcomers", frozenset({"BE", "BEG"})),
    "women": ("Women", frozenset({"W"})),
    "men": ("Men", frozenset({"M"})),
    "young": ("Young people", frozenset({"Y"})),
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

"""Names, addresses and numbers of people who cannot exist: surnames no one bears, phones from the 555-01 range."""

from __future__ import annotations

import datetime
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

GIVEN = {
    "female": [
        "Maria",
        "Angela",
        "Denise",
        "Tanya",
        "Rosalind",
        "Katherine",
        "Elizabeth",
        "Latoya",
        "Priya",
        "Soledad",
        "Wendy",
        "Irene",
        "Margaret",
        "Naomi",
        "Yolanda",
        "Carmen",
        "Deborah",
        "Fatima",
        "Grace",
        "Heather",
        "Ingrid",
        "Joanna",
        "Keisha",
        "Linda",
        "Mei",
        "Nadia",
        "Olivia",
        "Patricia",
        "Ramona",
        "Sandra",
        "Teresa",
    ],
    "male": [
        "James",
        "Robert",
        "Miguel",
        "Anthony",
        "Darnell",
        "William",
        "Joseph",
        "Samuel",
        "Kevin",
        "Luis",
        "Marcus",
        "Nathan",
        "Oscar",
        "Patrick",
        "Quentin",
        "Ralph",
        "Steven",
        "Terrence",
        "Victor",
        "Walter",
        "Andre",
        "Benjamin",
        "Carlos",
        "Dennis",
        "Edgar",
        "Felix",
        "George",
        "Hector",
        "Ivan",
        "Jerome",
        "Leonard",
    ],
}
PREFIXES = ["Sample", "Demo", "Test", "Mock", "Example", "Specimen", "Proto", "Trial", "Fictive", "Pretend"]
SUFFIXES = [
    "wood",
    "son",
    "field",
    "by",
    "berg",
    "ton",
    "ley",
    "man",
    "worth",
    "sky",
    "ez",
    "ova",
    "ini",
    "well",
    "ford",
    "dale",
    "stone",
    "hart",
    "quist",
    "moor",
]
STREETS = ["Sample Street", "Placeholder Avenue", "Specimen Road", "Example Lane", "Fictive Court", "Prototype Drive"]
# Places around Albany, New York, where the demo's meetings are listed too. ZIP codes are public facts, people are not.
PLACES = [
    ("Albany", "12203"),
    ("Troy", "12180"),
    ("Schenectady", "12305"),
    ("Hudson", "12534"),
    ("Saratoga Springs", "12866"),
]
LANGUAGES = ["English"] * 12 + ["Spanish"] * 2 + ["Haitian Creole"]


@dataclass(frozen=True)
class Person:
    """A fictional person."""

    given_name: str
    family_name: str
    former_family_name: str
    preferred_name: str
    sex: str
    birth_date: datetime.date
    language: str
    street: str
    city: str
    postal_code: str
    phone: str
    email: str


def people(chance: random.Random, today: datetime.date) -> Iterator[Person]:
    """One made-up person after another; the same ones for the same seed, with no two names alike."""
    surnames = [prefix + suffix for prefix, suffix in itertools.product(PREFIXES, SUFFIXES)]
    names = [(sex, given, surname) for sex, pool in GIVEN.items() for given in pool for surname in surnames]
    chance.shuffle(names)
    for number, (sex, given, surname) in enumerate(names):
        city, postal_code = chance.choice(PLACES)
        yield Person(
            given_name=given,
            family_name=surname,
            former_family_name=chance.choice(surnames) if sex == "female" and chance.random() < 0.12 else "",
            preferred_name=NICKNAMES.get(given, "") if chance.random() < 0.25 else "",
            sex=sex,
            birth_date=today - datetime.timedelta(days=chance.randint(19 * 366, 68 * 365)),
            language=chance.choice(LANGUAGES),
            street=f"{chance.randint(1, 400)} {chance.choice(STREETS)}",
            city=city,
            postal_code=postal_code,
            phone=f"518 555 01{number % 100:02d}",
            email=f"person{number:04d}@mail.example",
        )


NICKNAMES = {
    "Katherine": "Kate",
    "Elizabeth": "Beth",
    "Margaret": "Peg",
    "Patricia": "Pat",
    "Rosalind": "Roz",
    "Deborah": "Deb",
    "James": "Jim",
    "Robert": "Bob",
    "William": "Bill",
    "Anthony": "Tony",
    "Joseph": "Joe",
    "Samuel": "Sam",
    "Benjamin": "Ben",
    "Leonard": "Leo",
}

STAFF = [
    # role, given name, family name, credential, local part of the email address
    ("intake", "Ines", "Samplewright", "", "intake"),
    ("intake", "Omar", "Testwell", "", "intake2"),
    ("counselor", "Corinne", "Exampleby", "CASAC", "counselor"),
    ("counselor", "Darius", "Mockford", "CASAC-T", "counselor2"),
    ("counselor", "Elena", "Trialstone", "LMHC", "counselor3"),
    ("counselor", "Faisal", "Protodale", "CASAC", "counselor4"),
    ("counselor", "Greta", "Fictivehart", "LMSW", "counselor5"),
    ("supervisor", "Simone", "Demoworth", "LCSW-R", "supervisor"),
    ("supervisor", "Theo", "Specimenley", "CASAC-M", "supervisor2"),
    ("medical", "Maya", "Pretendquist", "NP", "medical"),
    ("administrator", "Adrian", "Samplemoor", "", "admin"),
    ("privacy", "Paula", "Testsky", "", "privacy"),
]

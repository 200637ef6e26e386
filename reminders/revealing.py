"""Words that would show someone who reads over a shoulder what the clinic does: one list, in English and Spanish.

Text is read as the eye reads it: full-width letters, letters with accents and letters of other alphabets that look the
same count as plain ones, and characters that nobody sees do not count. Addresses and domains are taken apart and read,
too: `no-reply@bridgeway-recovery.org`.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from functools import lru_cache

from reminders import letters

# Stems that give away the field, a diagnosis, a substance, a kind of care or a fellowship. They stand for themselves in
# a text, and, if long enough to mean nothing else, inside a run-together word of an address as well.
_ENGLISH = (
    r"addict\w*|alcohol\w*|drink\w*|drunk\w*|drugs?|substances?|sober\w*|sobriety|detox\w*|rehab\w*|recover\w*|relaps\w*|"
    r"withdrawal|overdos\w*|naloxone|narcan|methadone|buprenorphine|suboxone|subutex|sublocade|brixadi|zubsolv|vivitrol|"
    r"naltrexone|antabuse|disulfiram|acamprosate|campral|lofexidine|lucemyra|benzos?|benzodiazepines?|xanax|"
    r"opioids?|opiates?|heroin|fentanyl|oxycod\w*|oxycontin|percocet|kratom|"
    r"cocaine|crack|meth\w*|amphetamines?|marijuana|cannabis|weed|pills?|usage|abstinen\w*|"
    r"iop|php|mat|moud|maud|oud|aud|sud|dui|dwi|"
    r"counsel\w*|therap\w*|treat\w*|clinics?|clinical|patients?|clients?|program(?:me)?s?|diagnos\w*|disorders?|psych\w*|"
    r"mental\w*|behaviou?ral|hospital\w*|residential|outpatient|inpatient|medicat\w*|medical\w*|asam|"
    r"groups?|meetings?|sponsors?|mentors?|fellowships?|(?:12|twelve)[ -]?steps?|steps?|aa|na|lifering|dharma|al-?anon|"
    r"anonymous|narcotics?|gamblers?|nar-?anon|ala-?teen|alano|intergroups?|cma|slaa|bill w|halfway house|oxford house|"
    r"test(?:ed|ing|s)?|screen(?:ed|ing|s)?|urine|urinalysis"
)
_SPANISH = (
    r"adiccion\w*|adict[oa]s?|beb(?:er|e|ida|idas|iendo|io)|borrach\w*|ebri\w*|drogas?|drogadic\w*|sustancias?|sobri\w*|"
    r"desintoxic\w*|rehabilit\w*|recuper\w*|reca(?:ida|idas|er|e|yo)|abstinenc\w*|sobredosis|metadona|buprenorfina|"
    r"naloxona|naltrexona|opioides?|opiaceos?|heroina|fentanilo|cocaina|metanfetamina\w*|mariguana|marihuana|pastillas?|"
    r"consejer[oiae]\w*|terap\w*|tratamientos?|clinicas?|clinicos?|pacientes?|clientes?|programas?|trastornos?|"
    r"psic\w*|psiqui\w*|salud mental|conductual\w*|hospital\w*|residencial\w*|ambulatori[oa]s?|"
    r"intern(?:ado|ada|amiento)|medic(?:o|os|a|as|amento|amentos|ina|inas|acion)|grupos?|reunion(?:es)?|padrinos?|madrinas?|"
    r"mentor\w*|(?:doce|12) pasos|pasos|anonim[oa]s?|doble a|narcoticos?|pruebas? de|orina|examen(?:es)?"
)
# Cocaine and Marijuana Anonymous, unless they are the state in “Oakland, CA”; SMART Recovery in capitals, unless it is
# another thing of that name.
_ABBREVIATIONS = r"(?<!,)(?<!, )(?:ca|ma)|(?-i:SMART)(?![ -](?i:goals?|phones?|watch\w*|cards?))"
_REVEALING = re.compile(rf"\b(?:{_ENGLISH}|{_SPANISH}|{_ABBREVIATIONS})\b", re.IGNORECASE)

# Inside a run-together word of an address: long enough to stand for nothing else.
_WITHIN = re.compile(
    r"addict|adicci|alcohol|sober|sobriety|detox|rehab|recover|recuper|relapse|withdrawal|overdose|naloxone|methadone|"
    r"suboxone|vivitrol|opioid|opiate|heroin|fentanyl|cocaine|marijuana|cannabis|substance|counsel|consejer|therap|terap|"
    r"treatment|tratamiento|clinic|patient|paciente|psych|psiqui|behaviou?ral|hospital|inpatient|outpatient|residential|"
    r"medical|drugfree|drug(?:s|test|court)|lifering|12step|alanon|naranon|anonymous|narcotic|intergroup|crystalmeth|"
    r"billw(?![a-z])|billwfriends|friendsofbill",
    re.IGNORECASE,
)
# Words that name the field in a sentence, but not in an address: a “group” is a firm.
_PLAIN_IN_ADDRESSES = re.compile(
    r"groups?|programs?|steps?|tests?|testing|clients?|meetings?|aa|na|ca|ma|mat|php|treat|smart|screen\w*|drink\w*|mentor\w*|"
    r"sponsors?|usage|weed|crack",
    re.IGNORECASE,
)


def as_read(text: str) -> str:
    """The text as the eye reads it: plain letters, nothing invisible, ordinary spaces."""
    return " ".join(letters.plain(text).replace("_", " ").split())


def revealing_words(text: str) -> list[str]:
    """Words in a text that would show a stranger what the clinic does; empty if there are none."""
    return list(_revealing(text))


@lru_cache(1024)  # a clinic says the same to many
def _revealing(text: str) -> tuple[str, ...]:
    return tuple(match.group(0) for match in _REVEALING.finditer(as_read(text)))


def revealing_in_address(address: str) -> list[str]:
    """The same in an address or a domain, with or without a name before it: in each of its parts, run together or not.

    A country's or a kind's ending (`.ca`, `.org`) says nothing; one such as `.clinic` does.
    """
    name, bare = parseaddr(address)
    local, _, domain = (bare or address).rpartition("@")
    *labels, ending = domain.split(".") if domain else [""]
    parts = re.split(r"[^a-z0-9]+", as_read(" ".join([local, *labels])).lower())
    found = revealing_words(name) if bare else []
    for part in filter(None, [*parts, ending.lower() if len(ending) > 3 else ""]):
        word = re.sub(r"^\d+|\d+$", "", part) or part
        whole = [word] if _REVEALING.fullmatch(word) and not _PLAIN_IN_ADDRESSES.fullmatch(word) else []
        found += whole or [match.group(0) for match in _WITHIN.finditer(word)]
    return found

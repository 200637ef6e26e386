"""Whom a consent for treatment, payment and health care operations covers: the one owner.

Such a consent may designate its recipients in general: treating providers, payers, and people who help to operate the
program (42 CFR 2.31(a)(4), as of April 2024), for these three purposes and no other (2.31(a)(5)). A relative, an
employer or a court is none of these and needs a form that names them; so do a minor's parents (2.14).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from cases.models import Client, Inquiry
from cases.people import names
from privacy.models import AskedAbout, Consent, Disclosure
from privacy.named import named_on
from staff.refusals import Refusal

As = Disclosure.RecipientAs

# The purposes that such a consent covers, and the kind of recipient for each.
PURPOSES = {"tpo": "", "treatment": As.TREATING, "payment": As.PAYER, "health care operations": As.OPERATIONS}

_ELSE = "A relative, an employer, a court, or anyone else needs a consent that names them (42 CFR 2.31)."
_SAY_WHICH = (
    "This consent covers treating providers, payers, and health care operations. Choose which one the "
    f"recipient is. {_ELSE}"
)
_CALLERS = ("partner", "parent", "child", "sibling", "friend", "sponsor")  # Inquiry.Relation

# The general designation that 42 CFR 2.31(a)(4) gives; the form proposes it.
IN_GENERAL = "My treating providers, health plans, third-party payers, and people helping to operate this program"
_NONE_OF_THEM = f"This consent doesn’t name this recipient. {_ELSE}"
_GENERAL = {
    As.TREATING: r"(?:(?:treat(?:ing|ment)|health ?care|medical) )?(?:providers|professionals)|treat(?: me)?",
    As.PAYER: r"(?:third[- ]party )?payers|(?:health )?(?:plans|insurers)|insurance companies"
    r"|pay(?: for (?:my|the) (?:care|treatment))?",
    As.OPERATIONS: r"(?:health ?care )?operations"
    r"|(?:help(?:ing)? (?:to )?)?(?:operate|run|operating) (?:this|the) (?:program|clinic)",
}
_LEADING = r"(?:(?:and|or|all|any|of|my|the|other|current|past|future|those|people|persons|entities|who) )*"

# A recipient whose entry names another role: “his mother”, “Maria Example (mother)”, “County Court”, “Lee, attorney”.
# A phrase has to be or end with the word: “Guardian Life Insurance” and “Court Street Clinic” are not meant.
_POSSESSIVE = re.compile(r"^(?:(?:(?:the|my|his|her|their)|.*(?:'s|s'))\s+)+", re.IGNORECASE)
_KIN = (
    r"(?:ex[- ]|former |late )?(?:(?:(?:step|grand|god|foster)[- ]?)?(?:mother|father|parent|mom|mum|dad|son|daughter"
    r"|child|brother|sister)s?|wife|husband|spouse|siblings?|aunt|uncle|cousin|nephew|niece|(?:boy|girl)friend"
    r"|fianc[eé]e?)(?:[- ]in[- ]law)?"
)
_RELATIVE = re.compile(
    rf"{_KIN}|(?:legal )?guardians?|(?:ex[- ]|former )?(?:partner|friend|employer|boss|manager|roommate|landlord)s?"
    r"|family|relatives?|neighbor|human resources|school",
    re.IGNORECASE,
)
# “mother Maria Lopez”, but not “Mother Frances Hospital” or “Father Martin's Ashley”.
_RELATIVE_NAMED = re.compile(rf"{_KIN}(?:\s[\w.-]+){{1,4}}", re.IGNORECASE)
_HOUSE = re.compile(r"hospital|clinic|cent(?:er|re)|health|care|medic|insurance|services|house|home", re.IGNORECASE)
_LAW = re.compile(
    r"(?:.*\s)?(?:courts?|courthouse|judge|magistrate|attorneys?|lawyers?|prosecutor|police|sheriff"
    r"|(?:police|probation|parole|sheriff's?)(?: (?:department|office|officer|service|agent)s?(?:\s.*)?)?)"
    r"|(?:.*\s)?court (?:of|for) .*|(?:judge|attorney|sheriff|officer)\s.*|.*\s(?:judge|magistrate|prosecutor)\s.*"
    r"|(?:.*\s)?court (?:judge|coordinator|clerk|officer|liaison|team|program|administrator)s?(?:\s.*)?"
    r"|(?:.*\s)?(?:child|adult) (?:protective|protection) services?(?:\s.*)?|cps|(?:.*\s)?child welfare(?:\s.*)?",
    re.IGNORECASE,
)


class NotWithinTpo(Refusal):
    """The recipient neither treats, pays nor operates, but the consent is for those; `field` is the form's."""

    def __init__(self, sentence: str = _SAY_WHICH, field: str = "recipient_as") -> None:
        self.field = field
        super().__init__(sentence)


def in_general(recipients: str) -> set[str]:
    """Which of treating providers, payers and operations a form designates in general (Disclosure.RecipientAs).

    “My treating providers and payers” designates two of the three. “Acme Health Plan” is a name.
    """
    phrases = re.split(r"\s*(?:[,;/&\n]|\band\b|\bor\b)\s*", names.plain(recipients))
    said = [" ".join(each.strip(" .").split()) for each in phrases]
    return {
        str(which)
        for which, words in _GENERAL.items()
        if any(re.fullmatch(f"{_LEADING}(?:{words})", each) for each in said)
    }


def check(consent: Consent, recipient: str, recipient_as: str, known: Collection[str] | None = None) -> None:
    """Refuse a recipient whom this consent does not cover. Raises NotWithinTpo.

    `recipient_as` (Disclosure.RecipientAs) says what they are. The consent covers recipients it names, and those who
    are what it designates in general (42 CFR 2.31(a)(4)). `known`: `known_as_somebody_else`, read before.
    """
    known = known_as_somebody_else(consent.client) if known is None else known
    _refuse_somebody_else(known, recipient, field="recipient", recipient_as=recipient_as)
    if recipient.strip() and named_on(consent, recipient):
        return
    general = in_general(consent.recipients)
    if not recipient.strip() or (general and recipient_as not in As.values):
        raise NotWithinTpo
    if recipient_as not in general:
        raise NotWithinTpo(_NONE_OF_THEM, "recipient")


def covers(consent: Consent, recipient: str, recipient_as: str, known: Collection[str] | None = None) -> bool:
    """Whether `check` allows the disclosure."""
    try:
        check(consent, recipient, recipient_as, known)
    except NotWithinTpo:
        return False
    return True


def check_named(client: Client, recipients: list[str]) -> None:
    """Refuse a form that names someone such a consent cannot cover. Raises NotWithinTpo."""
    known = known_as_somebody_else(client)
    for each in recipients:
        _refuse_somebody_else(known, each, field="recipients")


def _refuse_somebody_else(known: Collection[str], recipient: str, *, field: str, recipient_as: str = "") -> None:
    if recipient_as == As.PAYER and recipient.strip().casefold() == "guardian":
        return  # an insurer of that name
    for phrase in re.split(r"[,:;()/\[\]]|\s[-–—]\s", recipient):
        if _says_somebody_else(names.bare(phrase.strip())):
            raise NotWithinTpo(
                f"“{phrase.strip()}” isn’t a treating provider, a payer, or part of health care operations. {_ELSE}",
                field,
            )
    if any(names.is_whole(recipient, each) for each in known):
        raise NotWithinTpo(
            f"This recipient is on file as a relative, guardian, employer, or law enforcement. {_ELSE}", field
        )


def _says_somebody_else(phrase: str) -> bool:
    said = _POSSESSIVE.sub("", phrase)
    if _RELATIVE.fullmatch(said) or _LAW.fullmatch(said) or _LAW.fullmatch(phrase):
        return True
    return bool(_RELATIVE_NAMED.fullmatch(said)) and not _HOUSE.search(said)


def known_as_somebody_else(client: Client) -> frozenset[str]:
    """Names on record that such a consent never covers; one reading does for all of the client's forms."""
    return frozenset(_known_as_somebody_else(client))


def _known_as_somebody_else(client: Client) -> Iterator[str]:
    """Names on record for this client in other roles: who asked, called or signed, or is on a legal form."""
    asked = AskedAbout.objects.filter(client_id=client.pk).exclude(relation=AskedAbout.Relation.OTHER)
    yield from asked.values_list("asked_by", flat=True).order_by()
    calls = Inquiry.objects.filter(client=client, relation__in=_CALLERS)
    yield from calls.values_list("caller_name", flat=True).order_by()
    forms = Consent.objects.filter(client=client)
    yield from forms.exclude(signed_as="").values_list("signed_by_name", flat=True).order_by()
    for legal in forms.filter(type=Consent.Type.LEGAL).only("recipients"):
        yield from legal.recipient_list

"""Whom a consent for treatment, payment and health care operations covers: the one owner.

One such consent may name its recipients in general: treating providers, payers, and people who help to operate the
program (42 CFR 2.31(a)(4), as of April 2024), for these three purposes and no other (2.31(a)(5)). A relative, an
employer or a court is none of these and is told under a form that names them; a minor's parents, too (2.14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cases import names
from cases.models import Client, Inquiry
from privacy.models import AskedAbout, Consent, Disclosure
from staff.refusals import Refusal

As = Disclosure.RecipientAs

# The purposes that such a consent covers, and what a recipient is who is told for one of them.
PURPOSES = {"tpo": "", "treatment": As.TREATING, "payment": As.PAYER, "health care operations": As.OPERATIONS}

_ELSE = "A relative, an employer, a court or anybody else needs a consent that names them (42 CFR 2.31)."
_SAY_WHICH = (
    "This consent covers those who treat, those who pay, and health care operations. Say which of these the recipient "
    f"is. {_ELSE}"
)
_CALLERS = ("partner", "parent", "child", "sibling", "friend", "sponsor")  # Inquiry.Relation

# A recipient who says to be somebody else: “his mother”, “Maria Example (mother)”, “County Court”, “Lee, attorney”.
# A phrase has to be or end with the word: “Guardian Life Insurance” and “Court Street Clinic” are not meant.
_POSSESSIVE = re.compile(r"^(?:(?:the|my|his|her|their|client['’]?s|patient['’]?s)\s+)+", re.IGNORECASE)
_RELATIVE = re.compile(
    r"(?:step|grand|god)?-?(?:mother|father|parent|mom|mum|dad|son|daughter)s?|guardians?|wife|husband|spouse|partner"
    r"|brothers?|sisters?|siblings?|aunt|uncle|cousin|nephew|niece|(?:boy|girl)?friends?|family|relatives?|roommate"
    r"|landlord|neighbor|employers?|boss|manager|human resources|school",
    re.IGNORECASE,
)
_LAW = re.compile(
    r"(?:.*\s)?(?:courts?|courthouse|judge|magistrate|attorneys?|lawyers?|prosecutor|police|sheriff"
    r"|(?:police|probation|parole|sheriff['’]?s)(?: (?:department|office|officer|service|agent)s?)?)"
    r"|(?:.*\s)?court (?:of|for) .*|(?:judge|attorney|sheriff|officer)\s.*",
    re.IGNORECASE,
)


class NotWithinTpo(Refusal):
    """A consent for treatment, payment and operations, and a recipient who is none of those; `field` is the form's."""

    def __init__(self, sentence: str = _SAY_WHICH, field: str = "recipient_as") -> None:
        self.field = field
        super().__init__(sentence)


def check(consent: Consent, recipient: str, recipient_as: str) -> None:
    """Refuse a recipient whom this consent does not cover. Raises NotWithinTpo.

    `recipient_as` (Disclosure.RecipientAs) says what they are; without it only those are covered whom the form names.
    """
    _refuse_somebody_else(consent.client, recipient, field="recipient")
    named = any(names.is_whole(recipient, each) for each in consent.recipient_list)
    if not recipient.strip() or (recipient_as not in As.values and not named):
        raise NotWithinTpo


def covers(consent: Consent, recipient: str, recipient_as: str) -> bool:
    """Whether `check` lets them be told."""
    try:
        check(consent, recipient, recipient_as)
    except NotWithinTpo:
        return False
    return True


def check_named(client: Client, recipients: list[str]) -> None:
    """Refuse a form that names somebody whom such a consent cannot cover. Raises NotWithinTpo."""
    for each in recipients:
        _refuse_somebody_else(client, each, field="recipients")


def _refuse_somebody_else(client: Client, recipient: str, *, field: str) -> None:
    for phrase in re.split(r"[,:;()/\[\]]|\s[-–—]\s", recipient):
        said = _POSSESSIVE.sub("", phrase.strip())
        if _RELATIVE.fullmatch(said) or _LAW.fullmatch(said):
            raise NotWithinTpo(f"“{phrase.strip()}” neither treats, nor pays, nor helps to operate. {_ELSE}", field)
    if any(names.is_whole(recipient, each) for each in _known_as_somebody_else(client)):
        raise NotWithinTpo(f"On record this is a relative, a guardian, an employer or the law. {_ELSE}", field)


def _known_as_somebody_else(client: Client) -> Iterator[str]:
    """Names on record for this client: who asked or called as such, who signed for them, whom a legal form names."""
    asked = AskedAbout.objects.filter(client_id=client.pk).exclude(relation=AskedAbout.Relation.OTHER)
    yield from asked.values_list("asked_by", flat=True).order_by()
    calls = Inquiry.objects.filter(client=client, relation__in=_CALLERS)
    yield from calls.values_list("caller_name", flat=True).order_by()
    forms = Consent.objects.filter(client=client)
    yield from forms.exclude(signed_as="").values_list("signed_by_name", flat=True).order_by()
    for legal in forms.filter(type=Consent.Type.LEGAL).only("recipients"):
        yield from legal.recipient_list

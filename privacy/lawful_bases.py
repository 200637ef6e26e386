"""What a disclosure without consent has to name: the order of a court, or an audit's agreement (42 CFR 2.53, 2.61).

A check of what is written down. Whether the order is one under 2.61 to 2.67 the privacy officer judges, with counsel.
"""

from __future__ import annotations

import re

from staff.refusals import Refusal
from staff.saying import says_something, words

_COURTS = ("court", "judge", "tribunal", "magist", "justic", "judici")
_PAPERS = ("subpoe", "summon", "warran")  # by themselves they allow nothing
_YEAR = re.compile(r"\b(19|20)\d\d\b")
_NUMBER = re.compile(r"\d")


class BasisNeedsMore(Refusal):
    """The lawful basis is not consent, and something it requires is missing."""


class ForThePrivacyOfficer(Refusal):
    """Orders and audits are judged by one person, who can ask counsel."""

    sentence = (
        "The privacy officer records what is disclosed under a court order or for an audit. Give them the papers, and "
        "record who asked under “Information requests.”"
    )


def check_court_order(authority: str) -> None:
    """Raise BasisNeedsMore unless it names a court, a docket number and a date, and is no subpoena (42 CFR 2.61(a))."""
    said = words(authority)
    names_court = any(each.startswith(_COURTS) for each in said)
    if any(each.startswith(_PAPERS) for each in said) and not any(each.startswith("order") for each in said):
        raise BasisNeedsMore(
            "A subpoena alone isn’t enough (42 CFR 2.61). Enter the order: the court, its docket number, and its date."
        )
    dated = _YEAR.search(authority)
    docket = _NUMBER.search(_YEAR.sub("", authority))
    if not names_court or dated is None or docket is None:
        raise BasisNeedsMore(
            "Enter the court order: the court, its docket number, and its date with the year. A subpoena alone isn’t "
            "enough (42 CFR 2.61)."
        )


def check_audit(affiliation: str, authority: str) -> None:
    """Raise BasisNeedsMore unless it names the agency or payer that audits, and its written agreement with its date.

    42 CFR 2.53(a)(1)(i) and (b): the auditor is one that the law lists, and has agreed in writing to the limits on
    redisclosure and use.
    """
    if not says_something(affiliation, length=3):
        raise BasisNeedsMore("Enter the agency, payer, or organization that audits (42 CFR 2.53(a)).")
    if not says_something(authority, least=2, length=10) or _YEAR.search(authority) is None:
        raise BasisNeedsMore(
            "Enter the auditor’s written agreement not to redisclose, with its date, or the law it audits under "
            "(42 CFR 2.53)."
        )

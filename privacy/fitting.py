"""Whether a disclosure fits its consent: what it was for, and how much was told (42 CFR 2.13(a), 2.31(a)(3) and (5)).

Words are compared by how they begin, so that “billing” fits “bills”. It is a check of what is written down: what was
really said only the person who said it knows.
"""

from __future__ import annotations

from privacy.models import Consent, Disclosure, ServiceAgreement
from staff.outside import is_digits
from staff.refusals import Refusal
from staff.saying import says_something, words

As = Disclosure.RecipientAs
BEGINS = 5  # letters by which two words are taken for one

# What a purpose can be called, by what the recipient is (42 CFR 2.31(a)(5)(ii), 45 CFR 164.501).
_SERVES: dict[str, str] = {
    As.TREATING: "treatment care coordination continuity referral therapy medical medication prescription diagnosis "
    "evaluation assessment admission discharge transfer follow-up safety consultation appointment health",
    As.PAYER: "payment bill claim authorization eligibility coverage benefits reimbursement insurance utilization cost "
    "premium charge",
    As.OPERATIONS: "operations audit quality accreditation review improvement compliance training licensing "
    "supervision management planning billing certification",
}
# Kinds of information, and the beginnings of words that speak of each.
_KINDS: dict[str, tuple[str, ...]] = {
    "attendance": ("attend", "date", "visit", "presen", "session"),
    "diagnosis": ("diagnos",),
    "medication": ("medic", "prescri", "methad", "bupren", "naltre", "dose", "dosing"),
    "test results": ("test", "lab", "toxic", "urine", "drug", "screen"),
    "treatment or discharge plan": ("plan", "goal"),
    "progress": ("progre",),
    "notes": ("note", "chart", "session note"),
    "discharge": ("discha",),
    "assessment": ("assess", "evalua", "asam"),
    "history of use": ("relaps", "histor", "sobrie", "abstin"),
    "safety": ("suicid", "overdo", "self-h"),
    "payment": ("bill", "claim", "insura", "payme"),
    "legal matters": ("court", "arrest", "probat", "parole", "legal"),
    "HIV": ("hiv", "aids"),
    "name and contact": ("name", "address", "phone", "contac"),
}
# Words that leave nothing out, of what they stand before: “all attendance dates” are dates, “my entire record” is all.
_EVERYTHING = ("all", "any", "entire", "complete", "whole", "full", "everything")
_RECORD = ("record", "chart", "file", "inform")
_LIMITS = {"about", "regarding", "concerning", "related", "relating"}
_OF_THE_RECORD = ("medica", "treatm", "health", "clinic", "patien", "substa", "use", "disord", "sud", "my")
# When it was and how it was told: no information of its own.
_TIME_AND_FORM = frozenset(
    (
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "sunday",
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "today", "yesterday", "day", "days", "week",
        "weeks", "month", "months", "year", "years", "since", "until", "through", "between", "before", "after", "last",
        "past", "first", "next", "latest", "recent", "current", "currently", "now", "start", "started", "end", "ended",
        "list", "listed", "letter", "copy", "summary", "report", "statement", "number", "numbers", "total", "count",
        "only", "no", "not", "none", "each", "one", "two", "three", "four", "five", "six", "treatment", "program",
        "clinic", "about", "regarding", "as", "than", "more", "other", "information", "kept", "missed", "weekly",
        "monthly", "daily", "regular", "regularly", "did", "does", "has", "have", "had", "been", "will", "ask", "asks",
        "asked", "need", "needs", "needed",
    )
)  # fmt: skip
_SMALL = frozenset(
    (
        "the", "a", "an", "of", "to", "for", "and", "or", "in", "on", "by", "with", "from", "at", "my", "me", "our",
        "their", "his", "her", "its", "is", "are", "be", "was", "were", "that", "this", "so", "it", "they", "client",
        "client’s", "clients", "person", "patient", "want", "wants",
    )
)  # fmt: skip


class SaysNothing(Refusal):
    """The accounting would say nothing."""

    def __init__(self, field: str) -> None:
        self.field = field
        said = "what was disclosed" if field == "what" else "the purpose"
        super().__init__(f"Describe {said} in words: the client can ask for this account (42 CFR 2.25).")


class NotItsPurpose(Refusal):
    """The disclosure serves something else than the client agreed to."""

    field = "why"

    def __init__(self, consent: Consent) -> None:
        super().__init__(
            f"This consent is for “{consent.purpose.strip()}.” Say how the disclosure serves that, in its words, or "
            "ask the client for another consent."
        )


class MoreThanAgreed(Refusal):
    """More, or something else, than the client agreed to."""

    field = "what"

    def __init__(self, consent: Consent, kinds: list[str]) -> None:
        beyond = f" It doesn’t mention: {', '.join(kinds)}." if kinds else ""
        super().__init__(f"This consent covers “{consent.description.strip().removesuffix('.')}.”{beyond}")


class NotItsService(Refusal):
    """A service organization is told what it needs to provide its services, and no more (42 CFR 2.12(c)(4))."""

    field = "why"

    def __init__(self, agreement: ServiceAgreement) -> None:
        super().__init__(
            f"{agreement.name} provides “{agreement.services.strip().removesuffix('.')}.” Say how the disclosure "
            "serves that, in its words (42 CFR 2.12(c)(4))."
        )


def check_account(*, what: str, why: str) -> None:
    """Raise SaysNothing unless both say something, whatever allows the disclosure."""
    for field, text in (("what", what), ("why", why)):
        if not says_something(text, length=3):
            raise SaysNothing(field)


def check(consent: Consent, *, what: str, why: str, recipient_as: str = "") -> None:
    """Raise NotItsPurpose or MoreThanAgreed if the disclosure does not fit its consent.

    A consent for separately held notes names the notes themselves; they have a way out of their own.
    """
    purposes = _content(consent.purpose)
    if consent.type == Consent.Type.TPO:
        served = [recipient_as] if recipient_as in _SERVES else list(_SERVES)
        purposes = [each for kind in served for each in words(_SERVES[kind])]
    if not _share(_content(why), purposes):
        raise NotItsPurpose(consent)
    if consent.type == Consent.Type.SUD_NOTES:
        return
    agreed, told = _content(consent.description), _content(what)
    if _is_everything(agreed):
        return
    beyond = sorted(_kinds(told) - _kinds(agreed))
    more = _is_everything(told) or any(each in told and each not in agreed for each in _EVERYTHING)
    if beyond or more or not (_kinds(told) or _share(told, agreed)):
        raise MoreThanAgreed(consent, beyond)
    if other := _beside(told, agreed):
        raise MoreThanAgreed(consent, [f"“{each}”" for each in other])


def check_services(agreement: ServiceAgreement, *, why: str) -> None:
    """Raise NotItsService if a disclosure serves something else than the services of the agreement."""
    provided = [each for each in _content(agreement.services) if not each.startswith("servic")]
    if not _share(_content(why), provided):
        raise NotItsService(agreement)


def _content(text: str) -> list[str]:
    return [each for each in words(text) if each not in _SMALL]


def _share(some: list[str], others: list[str]) -> bool:
    begun = {each[:BEGINS] for each in others}
    return any(each[:BEGINS] in begun for each in some)


def _beside(told: list[str], agreed: list[str]) -> list[str]:
    """Words that speak of something else than was agreed: none of its words, nor its kinds, nor of time and form."""
    begins = tuple(begin for kind in _kinds(agreed) for begin in _KINDS[kind])
    return [
        each
        for each in told
        if not is_digits(each)
        and each not in _TIME_AND_FORM
        and not each.startswith((*begins, *_EVERYTHING))
        and not _share([each], agreed)
    ]


def _is_everything(said: list[str]) -> bool:
    """Whether the words mean the whole record: “everything”, “all information about my treatment”, “my full chart”."""
    for place, word in enumerate(said):
        if word not in _EVERYTHING:
            continue
        after = [each for each in said[place + 1 :] if not each.startswith(_OF_THE_RECORD)]
        if after and after[0].startswith(_RECORD):
            return not (_LIMITS & set(after[1:2]) and _kinds(after[2:]))
        if not after and not _kinds(said[:place]):
            return True
        if word == "everything" and not _kinds(said):
            return True
    return False


def _kinds(said: list[str]) -> set[str]:
    return {kind for kind, begins in _KINDS.items() if any(each.startswith(begins) for each in said)}

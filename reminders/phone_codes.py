"""What a provider's error codes mean: Twilio's list, https://www.twilio.com/docs/api/errors."""

from __future__ import annotations

from dataclasses import dataclass

from reminders.models import NumberFact

Kind = NumberFact.Kind


@dataclass(frozen=True)
class Refusal:
    """Why a message will never arrive, in plain words, and what that teaches about the number."""

    words: str
    fact: NumberFact.Kind | None = None
    opted_out: bool = False


# For this message or this number: trying again is pointless.
NOT_SENT = {
    "13224": Refusal("this isn’t a working phone number", Kind.UNKNOWN),
    "21211": Refusal("this isn’t a working phone number", Kind.UNKNOWN),
    "21217": Refusal("this isn’t a working phone number", Kind.UNKNOWN),
    "30005": Refusal("this isn’t a working phone number", Kind.UNKNOWN),
    "21614": Refusal("this number can’t get text messages", Kind.NO_TEXTS),
    "30006": Refusal("this number can’t get text messages: it is a landline or out of its network", Kind.NO_TEXTS),
    "30004": Refusal("the phone company blocks messages to this number", Kind.BLOCKED),
    "21610": Refusal("the person has replied STOP", opted_out=True),
    "21408": Refusal("the provider may not send to this country"),
    "21612": Refusal("the provider can’t reach this number"),
    "21214": Refusal("the provider can’t reach this number"),
    "21617": Refusal("the message is too long"),
    "30007": Refusal("the phone company filtered the message out"),
    "30008": Refusal("the phone company did not deliver the message"),
    "30019": Refusal("the message is too long"),
}

# Last statuses of a text or call that the provider took and did not deliver.
NOT_DELIVERED = frozenset({"undelivered", "failed", "busy", "no-answer", "canceled"})

# Off or out of reach: the same message may arrive later.
OUT_OF_REACH = frozenset({"30003"})

# The provider or the account has too much to do.
BUSY = frozenset({"20429", "14107", "21611", "30001", "30022", "63038"})

# Every message would fail alike until an administrator mends it.
OUR_ACCOUNT = {
    "20003": "it does not accept the password",
    "20005": "the account is closed",
    "20404": "it does not know the account",
    "20008": "the account is a test account",
    "21210": "the clinic’s number is not the account’s",
    "21212": "the clinic’s number is not valid there",
    "21603": "the clinic’s number is missing",
    "21606": "the clinic’s number can’t send texts",
    "21659": "the clinic’s number is not the account’s",
    "21660": "the clinic’s number is not the account’s",
    "30002": "the account is suspended",
    "30034": "the clinic’s number is not registered for texts",
}


def in_words(code: str, *, status: str = "") -> str:
    """A code from a report in plain words, fit to show: never the number alone."""
    if code in NOT_SENT:
        return NOT_SENT[code].words
    if code in OUT_OF_REACH:
        return "the phone is off or out of reach"
    if code in OUR_ACCOUNT:
        return OUR_ACCOUNT[code]
    return {"busy": "the line was busy", "no-answer": "no one answered", "canceled": "it was canceled there"}.get(
        status, "the provider gives no reason"
    )

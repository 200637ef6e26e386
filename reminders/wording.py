"""What a message may say: a short neutral sentence with three variables and no word that reveals the field."""

from __future__ import annotations

import re
from string import Formatter
from typing import Any

from django.core.exceptions import ValidationError

VARIABLES = ("day", "time", "number")
LONGEST = 160  # characters, filled in: one text message

NEUTRAL_SUBJECT = "Reminder"
APPOINTMENT = "Reminder: you have an appointment on {day} at {time}. Call {number}. Reply STOP to opt out."
PLEASE_CALL = "Reminder: please call {number} when it suits you. Reply STOP to opt out."
MILESTONE = "We are thinking of you today. Call {number} any time you like. Reply STOP to opt out."
STAFF = "Reminder: something is waiting for you. Please sign in."

OPTED_OUT = "You will get no more messages from us at this address."
OPTED_IN = "You will get messages from us again. Reply STOP to opt out."
# Answers to a person in danger. They say nothing of who answers or why this person is known here. 988 takes calls and
# texts at any hour (988lifeline.org), in Spanish too.
IN_DANGER = "If you are in danger call 911. To talk to someone now call or text 988."
IN_DANGER_SPANISH = "Si está en peligro llame al 911. Para hablar con alguien ahora llame o escriba al 988."

# Text that people may quote when they reply: never their own words.
SENT_BY_US = (APPOINTMENT, PLEASE_CALL, MILESTONE, STAFF, OPTED_OUT, OPTED_IN, IN_DANGER, IN_DANGER_SPANISH)

SAMPLE = {"day": "Wednesday, Sep 30", "time": "10:30 AM", "number": "(555) 010-0199"}

# Stems that give away the field, a diagnosis, a substance, a kind of care or a fellowship to who reads over a shoulder.
_REVEALING = re.compile(
    r"\b("
    r"addict\w*|alcohol\w*|drink\w*|drunk\w*|drugs?|substances?|sober\w*|sobriety|detox\w*|rehab\w*|recover\w*|relaps\w*|"
    r"withdrawal|overdos\w*|naloxone|narcan|methadone|buprenorphine|suboxone|naltrexone|opioids?|opiates?|heroin|fentanyl|"
    r"cocaine|meth\w*|marijuana|cannabis|pills?|usage|abstinen\w*|"
    r"counsel\w*|therap\w*|treat\w*|clinics?|clinical|patients?|clients?|program(?:me)?s?|diagnos\w*|disorders?|psych\w*|"
    r"mental\w*|behaviou?ral|hospital\w*|residential|outpatient|inpatient|medicat\w*|asam|"
    r"groups?|meetings?|sponsors?|mentors?|fellowships?|steps?|aa|na|ca|ma|smart|lifering|dharma|al-?anon|"
    r"test(?:ed|ing|s)?|screen(?:ed|ing|s)?|urine"
    r")\b",
    re.IGNORECASE,
)


def default_body(kind: str) -> str:
    """The product's wording for a kind, if the clinic has none of its own."""
    if kind.startswith("staff_"):
        return STAFF
    return {"client_appointment": APPOINTMENT, "client_milestone": MILESTONE}.get(kind, PLEASE_CALL)


def revealing_words(text: str) -> list[str]:
    """Words in a text that would show a stranger what the clinic does; empty if there are none."""
    return [match.group(0) for match in _REVEALING.finditer(text)]


def variables_in(body: str) -> list[str]:
    """The variables in a wording. Raises ValueError if its braces do not parse."""
    fields = []
    for _, name, spec, conversion in Formatter().parse(body):
        if name is None:
            continue
        if spec or conversion:
            raise ValueError("Write a variable as its name in braces only.")
        fields.append(name)
    return fields


def render(body: str, context: dict[str, Any]) -> str:
    """Fill in a wording. Only the three variables are ever read.

    Raises KeyError where the context lacks a variable that the wording uses.
    """
    return body.format_map({name: context[name] for name in VARIABLES if name in context})


def validate_neutral(text: str) -> None:
    """Refuse a text that would show a stranger what the clinic does."""
    if found := revealing_words(text):
        raise ValidationError(
            "“%(words)s” reveals what this is about. Use neutral words.",
            params={"words": "”, “".join(found)},
        )


def validate_subject(subject: str) -> None:
    """A subject is neutral, on one line, and has no variables."""
    validate_neutral(subject)
    if "{" in subject or "}" in subject or "\n" in subject or "\r" in subject:
        raise ValidationError("The subject can’t have variables or line breaks.")


def validate_body(body: str) -> None:
    """A body is neutral, uses only the three variables, and stays within one text message once filled in."""
    validate_neutral(body)
    try:
        used = variables_in(body)
    except ValueError as error:
        raise ValidationError("Write variables as {day}, {time} or {number}.") from error
    if strangers := [name for name in used if name not in VARIABLES]:
        raise ValidationError(
            "{%(name)s} isn’t a variable. Use {day}, {time} or {number}.", params={"name": strangers[0]}
        )
    if len(render(body, SAMPLE)) > LONGEST:
        raise ValidationError(
            "With variables filled in, this is over %(longest)s characters. Shorten it.", params={"longest": LONGEST}
        )

"""What a message may say: a short neutral sentence with three variables and no word that reveals the field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.core.exceptions import ValidationError

from reminders.revealing import revealing_words
from reminders.segments import length

__all__ = ["LONGEST", "SENT_BY_US", "VARIABLES", "Said", "revealing_words"]

VARIABLES = ("day", "time", "number")
LONGEST = 160  # characters, filled in: one text message


@dataclass(frozen=True)
class Said:
    """The product's own wording, in both languages. The Spanish one keeps to GSM-7 (reminders.segments)."""

    english: str
    spanish: str

    def within(self, language: str) -> str:
        """The wording in a language."""
        return self.spanish if language == "es" else self.english


NEUTRAL_SUBJECT = Said("Reminder", "Recordatorio")
APPOINTMENT = Said(
    "Reminder: you have an appointment on {day} at {time}. Call {number}. "
    "Reply C to confirm, R to change, X to cancel, STOP to opt out.",
    "Recordatorio: tiene una cita el {day}, {time}. Llame al {number}. "
    "Responda C confirmo, R cambiar, X no voy, STOP para salir.",
)
BOOKED = Said(
    "Your appointment is set for {day} at {time}. To change it call {number}. "
    "Reply R to change, X to cancel, STOP to opt out.",
    "Su cita es el {day}, {time}. Para cambiarla llame al {number}. Responda R cambiar, X no voy, STOP para salir.",
)
MOVED = Said(
    "Your appointment has moved to {day} at {time}. Call {number}. "
    "Reply C to confirm, R to change, X to cancel, STOP to opt out.",
    "Su cita se cambia al {day}, {time}. Llame al {number}. Responda C confirmo, R cambiar, X no voy, STOP para salir.",
)
# A group meets without them, too: a letter in reply would change nothing.
GROUP = Said(
    "Reminder: you have an appointment on {day} at {time}. Call {number}. Reply STOP to opt out.",
    "Recordatorio: tiene una cita el {day}, {time}. Llame al {number}. Responda STOP para no recibir mensajes.",
)
CANCELED = Said(
    "Your appointment on {day} at {time} is canceled. For a new time call {number}. Reply STOP to opt out.",
    "Su cita del {day}, {time}, se cancela. Para otra hora llame al {number}. Responda STOP para no recibir mensajes.",
)
PLEASE_CALL = Said(
    "Reminder: please call {number} when it suits you. Reply STOP to opt out.",
    "Recordatorio: por favor llame al {number} cuando pueda. Responda STOP para no recibir mensajes.",
)
# Carries the address of a private page (reminders/pages.py).
WITH_PAGE = Said(
    "A short question for you: {page} Or call {number}. Reply STOP to opt out.",
    "Una pregunta breve: {page} O llame al {number}. Responda STOP para salir.",
)
WITH_PAGE_ABOUT = Said(
    "A short question about {about}: {page} Or call {number}. Reply STOP to opt out.",
    "Una pregunta breve sobre el {about}: {page} O llame al {number}. Responda STOP para salir.",
)
WE_CALL = Said(
    "We plan to call you on {day}. For another time call {number}. Reply STOP to opt out.",
    "Pensamos llamarle el {day}. Para otra hora llame al {number}. Responda STOP para no recibir mensajes.",
)
MILESTONE = Said(
    "We are thinking of you today. Call {number} any time you like. Reply STOP to opt out.",
    "Hoy pensamos en usted. Llame al {number} cuando quiera. Responda STOP para no recibir mensajes.",
)
STAFF = Said(
    "Reminder: something is waiting for you. Please sign in.",
    "Recordatorio: algo le espera. Por favor entre en el sistema.",
)

OPTED_OUT = Said(
    "You will get no more messages from us at this address.",
    "Ya no recibirá mensajes de nosotros en este número o correo.",
)
OPTED_IN = Said(
    "You will get messages from us again. Reply STOP to opt out.",
    "Recibirá de nuevo mensajes de nosotros. Responda STOP para no recibir mensajes.",
)
YOUR_REPLY = Said("Your reply", "Su respuesta")  # the subject of an answer by email
HELP_LINE = Said(
    "Questions about these messages? Call {number}. Reply STOP to opt out.",
    "Tiene preguntas sobre estos mensajes? Llame al {number}. Responda STOP para no recibir mensajes.",
)
# To a person in danger, on the private page too. It says nothing of who answers or why this person is known here. 988
# takes calls and texts at any hour; it answers in Spanish whoever presses 2, or texts AYUDA (988lifeline.org, “What to
# expect”), and in English whoever does neither.
TALK_TO_SOMEONE = Said(
    "To talk to someone now call or text 988.",
    "Para hablar con alguien ahora llame al 988 y oprima 2, o escriba AYUDA al 988.",
)
IN_DANGER = f"If you are in danger call 911. {TALK_TO_SOMEONE.english}"
IN_DANGER_SPANISH = f"Si está en peligro llame al 911. {TALK_TO_SOMEONE.spanish}"

_OURS = (
    *(APPOINTMENT, BOOKED, MOVED, GROUP, CANCELED, PLEASE_CALL, WITH_PAGE, WITH_PAGE_ABOUT, WE_CALL, MILESTONE),
    *(STAFF, HELP_LINE, OPTED_OUT, OPTED_IN),
)
# Text that people may quote when they reply: never their own words.
SENT_BY_US = (
    *(said.english for said in _OURS),
    *(said.spanish for said in _OURS),
    IN_DANGER,
    IN_DANGER_SPANISH,
)

SAMPLE = {"day": "Wednesday, Sep 30", "time": "10:30 AM", "number": "(555) 010-0199"}


def in_danger(language: str) -> str:
    """What somebody in danger is told at once, in their language."""
    return IN_DANGER_SPANISH if language == "es" else IN_DANGER


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


def aloud(text: str) -> str:
    """What a call says of a text: “Reply STOP” means nothing there; whoever wants no more of them calls the number."""
    return " ".join(each for each in _SENTENCE_ENDS.split(text.strip()) if not _ABOUT_REPLYING.match(each))


_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")
_ABOUT_REPLYING = re.compile(r"(?:reply|responda)\b", re.IGNORECASE)


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
    """A body is neutral, uses only the three variables, and stays within one text message once filled in.

    Whether it does as a text message also depends on its alphabet: see `validate_text_message`.
    """
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


def validate_text_message(body: str, day: str = SAMPLE["day"]) -> None:
    """A body for text messages is one of them once filled in, as the network counts (reminders.segments)."""
    counted = length(render(body, {**SAMPLE, "day": day}))
    if counted.fits:
        return
    if counted.strangers:
        raise ValidationError(
            "“%(stranger)s” makes this %(segments)s text messages: only 70 characters fit with it. Leave it out.",
            params={"stranger": counted.strangers[0], "segments": counted.segments},
        )
    raise ValidationError(
        "This is %(segments)s text messages (%(units)s of 160 characters). Shorten it.",
        params={"segments": counted.segments, "units": counted.units},
    )

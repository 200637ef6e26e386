"""Note formats: which sections a note has. Four ship with the product; a clinic adds its own as rows."""

from __future__ import annotations

from dataclasses import dataclass

from counseling.models import NoteFormat
from staff.models import Clinic


@dataclass(frozen=True)
class Format:
    """A format to choose from. `layout` is copied into each note, so that a later change never alters an old note."""

    code: str
    name: str
    layout: tuple[dict[str, str], ...]


def _section(key: str, label: str, hint: str) -> dict[str, str]:
    return {"key": key, "label": label, "hint": hint}


_ASSESSMENT = _section("assessment", "Assessment", "What you make of it: progress, risk, stage of change.")
_PLAN = _section("plan", "Plan", "What happens next, who does it, and by when.")
_INTERVENTION = _section("intervention", "Intervention", "What you did, and which objective it served.")
_RESPONSE = _section("response", "Response", "How the client took it, in their own words where you can.")

SHIPPED = (
    Format(
        "soap",
        "SOAP",
        (
            _section("subjective", "Subjective", "What the client says: how they are, what happened, what they want."),
            _section("objective", "Objective", "What you saw and measured: appearance, affect, test results."),
            _ASSESSMENT,
            _PLAN,
        ),
    ),
    Format(
        "dap",
        "DAP",
        (
            _section("data", "Data", "What was said, seen and measured in the session."),
            _ASSESSMENT,
            _PLAN,
        ),
    ),
    Format(
        "birp",
        "BIRP",
        (
            _section("behavior", "Behavior", "What the client said and did, and how they presented."),
            _INTERVENTION,
            _RESPONSE,
            _PLAN,
        ),
    ),
    Format(
        "girp",
        "GIRP",
        (
            _section("goal", "Goal", "Which goals and objectives this session worked on."),
            _INTERVENTION,
            _RESPONSE,
            _PLAN,
        ),
    ),
)


def offered(clinic: Clinic) -> list[Format]:
    """Formats that a new note can have in this clinic: the shipped ones, then the clinic's own."""
    own = NoteFormat.objects.filter(clinic=clinic, is_offered=True)
    return [*SHIPPED, *(Format(each.code, each.name, tuple(each.layout)) for each in own)]


def named(clinic: Clinic, code: str) -> Format | None:
    """The offered format with this code; a clinic's own format goes before a shipped one of the same code."""
    return {each.code: each for each in offered(clinic)}.get(code)

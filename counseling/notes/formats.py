"""Note formats: the sections of a note. Four are built in; a clinic adds its own (format_making.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from counseling.codes import Modality, ShippedFormat
from counseling.models import NoteFormat, SessionNote
from counseling.models.notes.format import kinds_in_words
from staff.models import Clinic
from staff.reading import Reading, query, reads, rows
from staff.refusals import Refusal


class NotForThisKind(Refusal):
    sentence = "This format isn’t available for this session type. Choose another one."


class SectionsEmpty(Refusal):
    """Required sections are still empty."""

    def __init__(self, labels: Iterable[str]) -> None:
        super().__init__(f"Required before signing: {', '.join(labels)}.")


@dataclass(frozen=True)
class Format:
    """A format to choose from. `layout` is copied into each note, so later changes never alter an old note."""

    code: str
    name: str
    layout: tuple[dict[str, Any], ...]
    kinds: tuple[str, ...] = ()
    own: NoteFormat | None = None  # the version of the clinic's own format; none for those that ship

    @property
    def fits(self) -> str:
        """Its session types, as text."""
        return kinds_in_words(list(self.kinds))

    def is_for(self, kind: str) -> bool:
        """Whether a note about this kind of session can be written in it."""
        return not self.kinds or kind in self.kinds

    @property
    def usual_kind(self) -> str:
        """The default session type for a new note in this format."""
        return Modality.INDIVIDUAL.value if self.is_for(Modality.INDIVIDUAL) else self.kinds[0]


def _section(key: str, label: str, hint: str) -> dict[str, str]:
    return {"key": key, "label": label, "hint": hint}


_ASSESSMENT = _section("assessment", "Assessment", "Your clinical impression: progress, risk, stage of change.")
_PLAN = _section("plan", "Plan", "What happens next, who does it, and by when.")
_INTERVENTION = _section("intervention", "Intervention", "What you did, and which objective it addressed.")
_RESPONSE = _section("response", "Response", "How the client responded, in their own words if you can.")

SHIPPED = (
    Format(
        ShippedFormat.SOAP.value,
        ShippedFormat.SOAP.label,
        (
            _section("subjective", "Subjective", "What the client says: how they are, what happened, what they want."),
            _section("objective", "Objective", "What you observed and measured: appearance, affect, test results."),
            _ASSESSMENT,
            _PLAN,
        ),
    ),
    Format(
        ShippedFormat.DAP.value,
        ShippedFormat.DAP.label,
        (
            _section("data", "Data", "What was said, observed and measured in the session."),
            _ASSESSMENT,
            _PLAN,
        ),
    ),
    Format(
        ShippedFormat.BIRP.value,
        ShippedFormat.BIRP.label,
        (
            _section("behavior", "Behavior", "What the client said and did, and how they presented."),
            _INTERVENTION,
            _RESPONSE,
            _PLAN,
        ),
    ),
    Format(
        ShippedFormat.GIRP.value,
        ShippedFormat.GIRP.label,
        (
            _section("goal", "Goal", "Goals and objectives addressed in this session."),
            _INTERVENTION,
            _RESPONSE,
            _PLAN,
        ),
    ),
)


def offered(clinic: Clinic, kind: str = "") -> list[Format]:
    """Formats that a new note can have in this clinic: the shipped ones, then its own; for one kind of session only."""
    own = NoteFormat.objects.filter(clinic=clinic).offered()
    all_of_them = [*SHIPPED, *map(_of_row, own)]
    return [each for each in all_of_them if not kind or each.is_for(kind)]


def named(clinic: Clinic, code: str, *, hold: bool = False) -> Format | None:
    """The offered format with this code. With `hold`, it is locked until the transaction ends."""
    shipped = next((each for each in SHIPPED if each.code == code), None)
    if shipped is not None:
        return shipped
    rows = NoteFormat.objects.filter(clinic=clinic, code=code).offered()
    row = (rows.select_for_update(no_key=True) if hold else rows).first()
    return _of_row(row) if row else None


@reads
def names(clinic: Clinic) -> Reading[list[tuple[str, str]]]:
    """Code and name of every format that a note of the clinic may be written in, offered or not, to filter by."""
    own = yield from rows(
        query(
            lambda clinic: (
                NoteFormat.objects.filter(clinic=clinic).order_by("code", "version").values_list("code", "name")
            ),
            clinic=clinic,
        )
    )
    by_name = sorted(dict(own).items(), key=lambda pair: pair[1].casefold())
    return [*((each.code, each.name) for each in SHIPPED), *by_name]


def demand_complete(note: SessionNote) -> None:
    """Raise SectionsEmpty if a required section is empty."""
    if note.left_empty:
        raise SectionsEmpty(note.left_empty)


def _of_row(row: NoteFormat) -> Format:
    return Format(row.code, row.name, tuple(row.layout), tuple(row.kinds), row)

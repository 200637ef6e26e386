"""Session notes with valid signatures, and measures. Plainly synthetic."""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

from bench.copying import copy
from bench.people import Stay
from bench.size import DAY, HOUR, MANY_NOTES, Frame
from cases.models import Client
from counseling import measures, signing
from counseling.models import Goal, Measure, NoteMention, NoteSignature, Objective, SessionNote
from counseling.notes import formats
from staff.credentials import SignatureKind
from staff.models import StaffMember

MODELS = (SessionNote, NoteSignature, Measure)
STAYS_AT_ONCE = 10_000
A_CHART = 37  # notes of the first client
LENGTH = datetime.timedelta(minutes=50)
SENTENCES = (
    "Sample: talked about the week and what helped.",
    "Sample: a hard evening went by with a call to a friend.",
    "Sample: craving rated 3 of 10, less than the last time.",
    "Sample: work was quiet, sleep was better.",
    "Sample: went to two meetings and stayed for coffee.",
    "Sample: read the letter again that was written in the first week.",
    "Sample: practiced how to say no to an offer.",
)
NOTE_COLUMNS = (
    "id client_id episode_id author_id format layout sections session_started_at session_ended_at started_at saved_at"
    " signed_at signed_by_id needs_cosignature cosigned_at"
)
SIGNATURE_COLUMNS = "note_id kind signer_id name credential at hash text_version client_number"


@dataclass(frozen=True)
class Session:
    """One that was held: its note's number, and whether the note is written up."""

    note: int
    stay: Stay
    author: StaffMember
    began: datetime.datetime
    place: int
    is_signed: bool


def copy_notes(frame: Frame, stays: list[Stay]) -> None:
    """Some thousand stays at a time, so that what waits to be written fits into memory."""
    numbers = itertools.count(1)
    for start in range(0, len(stays), STAYS_AT_ONCE):
        _copy_some(frame, stays[start : start + STAYS_AT_ONCE], numbers)


def _copy_some(frame: Frame, stays: list[Stay], numbers: Iterator[int]) -> None:
    """Notes first, then the signatures under them: PostgreSQL takes one COPY at a time."""
    layout = next(each for each in formats.SHIPPED if each.code == "dap").layout
    text = json.dumps([dict(section) for section in layout])
    signatures: list[tuple[object, ...]] = []
    shell = SessionNote(format="dap", layout=json.loads(text))
    # no query while PostgreSQL is busy with a COPY: these notes name no goals
    linked = {
        "goals": Goal.objects.none(),
        "objectives": Objective.objects.none(),
        "mentions": NoteMention.objects.none(),
    }
    for each in linked.values():
        each._result_cache = []
    shell._prefetched_objects_cache = linked  # type: ignore[attr-defined]

    def rows() -> Iterator[tuple[object, ...]]:
        for session in _sessions(frame, stays, numbers):
            began, author = session.began, session.author
            shell.pk, shell.episode_id, shell.author_id = session.note, session.stay.pk, author.pk
            shell.sections = _sections(session.place)
            shell.session_started_at, shell.session_ended_at = began, began + LENGTH
            signed_at = cosigned_at = None
            owes = session.is_signed and author.supervisor_id is not None
            if session.is_signed:
                shell.needs_cosignature = owes
                signed_at = began + (2 + session.place % 15) * HOUR
                signatures.append(_signature(shell, SignatureKind.SIGN, author, signed_at))
                if owes and author.supervisor and signed_at < frame.now - 4 * DAY:
                    cosigned_at = signed_at + DAY
                    signatures.append(_signature(shell, SignatureKind.COSIGN, author.supervisor, cosigned_at))
            yield (
                *(session.note, session.stay.client + 1, session.stay.pk, author.pk, "dap", text),
                json.dumps(shell.sections),
                *(began, began + LENGTH, began, began + LENGTH),
                *(signed_at, author.pk if signed_at else None, owes, cosigned_at),
            )

    copy(SessionNote, NOTE_COLUMNS, rows())
    copy(NoteSignature, SIGNATURE_COLUMNS, signatures)


def _signature(
    note: SessionNote, kind: SignatureKind, signer: StaffMember, at: datetime.datetime
) -> tuple[object, ...]:
    made = signing.signature_of(note, kind, signer, at)
    return (
        note.pk,
        kind.value,
        signer.pk,
        made.name,
        made.credential,
        at,
        made.hash,
        made.text_version,
        made.client_number,
    )


def _sections(place: int) -> dict[str, str]:
    said = [SENTENCES[(place + step) % len(SENTENCES)] for step in range(6)]
    return {
        "data": f"Session {place + 1}. {' '.join(said)}",
        "assessment": "Sample: steady progress.",
        "plan": "Sample: next session in a week.",
    }


def _sessions(frame: Frame, stays: list[Stay], numbers: Iterator[int]) -> Iterator[Session]:
    """Ten a client: four in the first of two stays, six in the second. Some of those in care have a draft."""
    for stay in stays:
        alone, is_open = stay.client % 5 == 4, stay.discharged_on is None
        number = 10 if alone else 4 if stay.is_first else 6
        if is_open and stay.client == 0:
            number = A_CHART - 4
        if is_open and stay.client == frame.size.counselors:
            number = MANY_NOTES - 4
        begins = frame.at(stay.admitted_on, 10)
        ends = frame.at(stay.discharged_on) if stay.discharged_on else frame.now - 20 * HOUR
        apart = max((ends - begins) / number, 2 * HOUR)
        for place in range(number):
            last = is_open and place == number - 1
            began = ends if last else begins + apart * place
            signed = not (last and stay.client // frame.size.counselors % 10 == 0)
            yield Session(next(numbers), stay, frame.counselor_of(stay.client), began, place, signed)


def copy_measures(frame: Frame, stays: list[Stay]) -> None:
    """Three a client, in the last stay; three hundred in the chart with many notes."""
    nobody = Client(pk=0, clinic=frame.clinic)
    taken = [
        measures.filled_in(
            client=nobody,
            instrument="phq-9",
            answers=[(place + step) % 3 for step in range(8)] + [0],
            by=frame.intake,
            taken_at=frame.now,
        )
        for place in range(6)
    ]
    made = [
        (
            *(each.instrument, each.rules_version, json.dumps(each.answers), each.total, json.dumps(each.subscales)),
            *(each.band, each.action, each.requires),
        )
        for each in taken
    ]
    columns = "client_id episode_id taken_at recorded_by_id"
    columns += " instrument rules_version answers total subscales band action requires"

    def rows() -> Iterator[tuple[object, ...]]:
        for stay in {each.client: each for each in stays}.values():
            ends = frame.at(stay.discharged_on) if stay.discharged_on else frame.now - DAY
            often = 300 if stay.client == frame.size.counselors else 3
            apart = (ends - frame.at(stay.admitted_on, 11)) / often
            for place in range(often):
                at = ends - apart * place
                by = frame.counselor_of(stay.client).pk
                yield (stay.client + 1, stay.pk, at, by, *made[place % len(made)])

    copy(Measure, columns, rows())

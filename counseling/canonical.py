"""The canonical text of a note: what a signature's hash is taken over. Same rows, same text, byte for byte."""

from __future__ import annotations

import datetime
import hashlib
import unicodedata
from collections.abc import Iterable

from counseling.models import SessionNote

TEXT_VERSION = 1  # of the rules below; a signature keeps the version it was made by, so old ones stay checkable


def text(note: SessionNote, *, goals: Iterable[int] | None = None, objectives: Iterable[int] | None = None) -> str:
    """The note as one text: header first, then each section under its label.

    Ids stand for people, goals and objectives, since those get renamed; the client is named through the episode, since
    a merge of two records of one person changes the record but not the care. Times are UTC. Pass `goals` and
    `objectives` where they are at hand (the bulk path); otherwise they are read.
    """
    goal_ids = sorted(note.goals.values_list("pk", flat=True) if goals is None else goals)
    objective_ids = sorted(note.objectives.values_list("pk", flat=True) if objectives is None else objectives)
    header = {
        "onward note": TEXT_VERSION,
        "note": note.pk,
        "episode": note.episode_id,
        "author": note.author_id,
        "format": note.format,
        "session began": _utc(note.session_started_at),
        "session ended": _utc(note.session_ended_at),
        "modality": note.modality,
        "place": note.place,
        "who was there": note.attendees,
        "goals": " ".join(map(str, goal_ids)),
        "objectives": " ".join(map(str, objective_ids)),
        "risk": note.risk_screen,
        "risk, detail": note.risk_detail,
        "next session": note.next_session_on.isoformat() if note.next_session_on else "",
    }
    blocks = ["\n".join(f"{key}: {plain(str(value))}" for key, value in header.items())]
    blocks += [f"## {plain(part['label'])}\n{plain(part['text'])}" for part in note.parts]
    return "\n\n".join(blocks) + "\n"


def digest(canonical: str) -> str:
    """SHA-256 of the text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def _utc(moment: datetime.datetime | None) -> str:
    return moment.astimezone(datetime.UTC).isoformat(timespec="microseconds") if moment else ""


def plain(value: str) -> str:
    """One spelling for what looks the same: composed characters, plain line ends."""
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))

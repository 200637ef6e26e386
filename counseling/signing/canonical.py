"""The canonical text that a signature's hash covers. Same rows, same text, byte for byte.

Rules once used for a signature are never changed, only followed by others: a signature names the rules it was made by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from counseling.models import Addendum, NoteMention, NoteSignature, SessionNote
from staff.signed_text import digest, indented, lines, plain, utc

__all__ = ["Linked", "UnknownRules", "digest", "of_addendum", "plain", "text", "wording"]

TEXT_VERSION = 3  # by which new signatures are made
ADDENDUM_VERSION = 1


class UnknownRules(Exception):
    """The signature uses a text version that this release does not support, so its hash can't be checked."""


@dataclass(frozen=True)
class Linked:
    """A note's related rows, when they are already loaded (bulk signing, checking all notes)."""

    goals: Iterable[int] = ()
    objectives: Iterable[int] = ()
    mentions: Iterable[NoteMention] = ()

    @classmethod
    def of(cls, note: SessionNote) -> Linked:
        """Built from the note's relations; no query if they are prefetched."""
        return cls(
            goals=[each.pk for each in note.goals.all()],
            objectives=[each.pk for each in note.objectives.all()],
            mentions=list(note.mentions.all()),
        )


def text(note: SessionNote, signature: NoteSignature, linked: Linked | None = None) -> str:
    """The note as one text, by the rules its signature names. Raises UnknownRules.

    People, goals and objectives appear as ids, because they get renamed. So does the client: by the number that the
    record had when the note was signed, which a merge of two records of one person leaves as it is; whether a note is
    still in that person's chart is checked beside the hash (counseling.signing.verifying). Times are UTC.
    """
    rules = RULES.get(signature.text_version)
    if rules is None:
        raise UnknownRules(signature.text_version)
    return rules(note, signature, linked or Linked.of(note))


def wording(goals: Iterable[Any], objectives: Iterable[Any], mentions: Iterable[NoteMention]) -> dict[str, object]:
    """Current names of goals, objectives and mentions, stored with the note when it is signed."""
    named = {
        "goals": {str(each.pk): str(each) for each in goals},
        "objectives": {str(each.pk): str(each) for each in objectives},
        "mentions": {str(each.pk): str(each.target) for each in mentions},
    }
    return {kind: names for kind, names in named.items() if names}


def of_addendum(addendum: Addendum, *, note_hash: str) -> str:
    """An addendum as one text, tied to the note by the hash that the note's author signed."""
    head = {
        "onward addendum": addendum.text_version,
        "note": addendum.note_id,
        "signed as": note_hash,
        "author": addendum.author_id,
        "name": addendum.name,
        "at": utc(addendum.at),
        "signed with": addendum.signed_with,
        "reason": addendum.reason,
    }
    return lines(head) + "\n\n" + indented("text", addendum.text) + "\n"


def _header(note: SessionNote, linked: Linked, version: int) -> dict[str, object]:
    return {
        "onward note": version,
        "note": note.pk,
        "episode": note.episode_id,
        "author": note.author_id,
        "format": note.format,
        "session began": utc(note.session_started_at),
        "session ended": utc(note.session_ended_at),
        "modality": note.modality,
        "place": note.place,
        "who was there": note.attendees,
        "goals": " ".join(map(str, sorted(linked.goals))),
        "objectives": " ".join(map(str, sorted(linked.objectives))),
        "risk": note.risk_screen,
        "risk, detail": note.risk_detail,
        "next session": note.next_session_on.isoformat() if note.next_session_on else "",
    }


def _version_1(note: SessionNote, signature: NoteSignature, linked: Linked) -> str:  # noqa: ARG001
    """Header and sections, without sentence links and the signature itself."""
    blocks = ["\n".join(f"{key}: {plain(str(value))}" for key, value in _header(note, linked, 1).items())]
    blocks += [f"## {plain(part['label'])}\n{plain(part['text'])}" for part in note.parts]
    return "\n\n".join(blocks) + "\n"


def _version_2(note: SessionNote, signature: NoteSignature, linked: Linked) -> str:
    """Everything the page shows as the note, and who signed.

    Typed text is indented, so it can't pass for anything else: a line that begins at the margin is never typed.
    """
    return _whole(note, signature, linked, _header(note, linked, 2))


def _version_3(note: SessionNote, signature: NoteSignature, linked: Linked) -> str:
    """The same, and whose note it is: an episode can be moved to another record."""
    return _whole(note, signature, linked, _header(note, linked, 3) | {"client": signature.client_number})


def _whole(note: SessionNote, signature: NoteSignature, linked: Linked, header: dict[str, object]) -> str:
    worded = note.worded
    header |= {
        "late entry": "yes" if note.is_late_entry else "no",
        "owes a cosignature": "yes" if note.needs_cosignature else "no",
    }
    blocks = [lines(header), *(indented(part["label"], part["text"]) for part in note.parts)]
    for kind in ("goals", "objectives"):
        names = worded.get(kind, {})
        blocks += [lines({f"{kind} {pk}": names[pk]}) for pk in sorted(names, key=int)]
    blocks += [_mention(each, worded.get("mentions", {})) for each in sorted(linked.mentions, key=lambda row: row.pk)]
    signed = {
        "signature": signature.kind,
        "signer": signature.signer_id,
        "name": signature.name,
        "credential": signature.credential,
        "at": utc(signature.at),
        "signed with": signature.signed_with,
        "signed all the same, because": signature.went_on_because,
    }
    return "\n\n".join([*blocks, lines(signed)]) + "\n"


def _mention(mention: NoteMention, names: Mapping[str, str]) -> str:
    """The item's row may move when wordings are combined; its name at signing may not change."""
    return lines(
        {
            f"came up {mention.pk}": f"goal {mention.goal_id}" if mention.goal_id else mention.kind,
            "called": names.get(str(mention.pk), ""),
            "sentence": mention.quote,
            "outcome": mention.outcome,
            "progress": mention.progress,
            "by": mention.recorded_by_id,
            "at": utc(mention.recorded_at),
        }
    )


RULES: dict[int, Callable[[SessionNote, NoteSignature, Linked], str]] = {1: _version_1, 2: _version_2, 3: _version_3}

"""SUD counseling notes (42 CFR 2.11), kept separate from the record: write, sign, disclose with their own consent.

42 CFR 2.11 defines them, and 2.31(b) requires a consent for exactly these notes for each disclosure; 45 CFR 164.501
draws the same line for psychotherapy notes. Only their author reads them, whatever anyone's role.
"""

from __future__ import annotations

import datetime
import unicodedata

import pghistory
from django.db import models, transaction
from django.utils import timezone

from cases.models import CareTeamMember, Client, TreatmentEpisode
from cases.possible_days import check_possible
from counseling.models import SeparateDisclosure, SeparateNote
from counseling.signing import canonical
from privacy import disclosures
from privacy.models import Consent
from staff import field_keys, sent_twice
from staff.access import Permission, can, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import NotPermitted, Refusal

BELONGS = (
    "What was said in a private, group, joint or family session",
    "Your own analysis: impressions, questions, what to follow up on",
)
# What the definition leaves out (42 CFR 2.11): kept here alone, the record would lack it.
STANDS_IN_THE_RECORD = (
    "Medication prescribed and how it is monitored",
    "Session start and stop times",
    "Type and frequency of treatment",
    "Results of tests and measures",
    "Summary of diagnosis, functioning, plan, symptoms, prognosis or progress",
    "Danger to anyone, and what was done about it",
)


class Signed(Refusal):
    sentence = "This note is signed and can’t be changed. Write a new one."


class NothingToSign(Refusal):
    sentence = "This note is empty."


class NoteChanged(Refusal):
    sentence = "This note changed after you opened this page. Read it again, then sign."


class SessionAhead(Refusal):
    sentence = "The session date is in the future. Correct it."


class NotSignedYet(Refusal):
    sentence = "Sign the note before disclosing it."


class NoConsentForThese(Refusal):
    """Neither a general consent nor one for treatment, payment and operations will do (42 CFR 2.31(b))."""

    sentence = (
        "No active consent for SUD counseling notes names this recipient. Other consents don’t cover these notes. "
        "Ask the client to sign one, or don’t disclose."
    )


class Conflict(Refusal):
    """Another window saved the draft in between. Carries both versions; nothing is written."""

    sentence = "This draft changed in another window after you opened it. Compare both versions and choose."

    def __init__(self, *, mine: str, theirs: str, version: int) -> None:
        self.mine = mine
        self.theirs = theirs
        self.version = version
        super().__init__()


def may_hold(client: Client, by: StaffMember) -> bool:
    """Whether the person may keep separate notes about the client. Emergency access does not open them."""
    if not can(by, Permission.NOTE_SEPARATE, client):
        return False
    standing = CareTeamMember.objects.current().filter(client=client, staff_member=by)
    return can(by, Permission.CLIENT_VIEW_ALL) or standing.exclude(part=CareTeamMember.Part.EMERGENCY).exists()


def start(*, client: Client, session_on: datetime.date, by: StaffMember, text: str = "") -> SeparateNote:
    """Begin a note about a session on that day, in the episode that was open then if there was one.

    An own draft of that day with nothing in it yet is taken up again. Raises NotPermitted, SessionAhead.
    """
    if not may_hold(client, by):
        raise NotPermitted
    if session_on > timezone.localdate(timezone=client.clinic.zone):
        raise SessionAhead
    check_possible(client, session_on)
    now = timezone.now()
    with act("counseling.start_separate_note", by=by, client=client) as entry:
        empty = SeparateNote.objects.filter(client=client, author=by, session_on=session_on, text="", signed_at=None)
        note = empty.first() if not text else None
        if note is None:
            note = SeparateNote.objects.create(
                client=client,
                episode=_episode_on(client, session_on),
                author=by,
                session_on=session_on,
                text=_plain(text),
                started_at=now,
                saved_at=now,
            )
        entry.about(note)
    return note


def save_draft(
    *, note: SeparateNote, version: int, by: StaffMember, text: str, session_on: datetime.date | None = None
) -> SeparateNote:
    """Save what was typed, unless the note was saved in between: `version` is the one the writer started from.

    As for session notes, saving writes no audit entry: it changes nothing but the author's own draft. Raises Conflict
    with both texts, Signed, SessionAhead, NotPermitted for anyone but the author.
    """
    with transaction.atomic(), pghistory.context(staff_member=by.pk, act="counseling.save_separate_note"):
        stored = author_locked(note, by=by)
        if stored.signed_at is not None:
            raise Signed
        if session_on and session_on > timezone.localdate(timezone=stored.client.clinic.zone):
            raise SessionAhead
        check_possible(stored.client, session_on)
        text = _plain(text)
        if stored.text == text and session_on in {None, stored.session_on}:
            return stored  # already saved: the response to the first save was lost, not the text
        if stored.version != version:
            raise Conflict(mine=text, theirs=stored.text, version=stored.version)
        if session_on and session_on != stored.session_on:
            stored.session_on, stored.episode = session_on, _episode_on(stored.client, session_on)
        stored.text = text
        stored.version += 1
        stored.saved_at = timezone.now()
        stored.save(update_fields=["text", "session_on", "episode", "version", "saved_at"])
    return stored


def sign(*, note: SeparateNote, version: int, by: StaffMember, signed_with: str = "") -> SeparateNote:
    """Sign a draft as its author; after this no one can change it. `version` is that of the text that was read.

    `signed_with` is how the signer confirmed who they are (SignedWith), which the caller has checked.

    Raises Signed, NoteChanged, NothingToSign, NotPermitted for anybody but the author.
    """
    demand(by, Permission.NOTE_SIGN, note.client)
    with act("counseling.sign_separate_note", by=by, client=note.client) as entry:
        stored = author_locked(note, by=by)
        if stored.signed_at is not None:
            raise Signed
        if stored.version != version:
            raise NoteChanged
        if not stored.text.strip():
            raise NothingToSign
        stored.signed_at, stored.signed_by, stored.hash = timezone.now(), by, fingerprint(stored)
        stored.signed_with = signed_with
        stored.save(update_fields=["signed_at", "signed_by", "hash", "signed_with"])
        entry.about(stored, hash=stored.hash)
    return stored


def fingerprint(note: SeparateNote) -> str:
    """SHA-256 of the current note. It excludes the client, which a merge of two records of one person changes."""
    lines = ("onward separate note: 1", f"note: {note.pk}", f"author: {note.author_id}", f"session: {note.session_on}")
    return canonical.digest("\n".join((*lines, "", _plain(note.text))) + "\n")


def verify(note: SeparateNote) -> bool:
    """Whether a signed note in the database is unchanged since signing."""
    return is_unchanged(SeparateNote.objects.get(pk=note.pk))


def is_unchanged(stored: SeparateNote) -> bool:
    """The same of a note as it was just read. One that can't be decrypted is not."""
    try:
        return stored.signed_at is not None and stored.hash == fingerprint(stored)
    except field_keys.Unreadable:
        return False


def consents_for(client: Client, on: datetime.date) -> models.QuerySet[Consent]:
    """The client's consents for SUD counseling notes that are active on that day."""
    return Consent.objects.filter(client=client, type=Consent.Type.SUD_NOTES).in_force(on)


def disclose(
    *, note: SeparateNote, consent: Consent, recipient: str, by: StaffMember, address: str = ""
) -> SeparateDisclosure:
    """Record that the note goes to `recipient`, with the notice that must accompany it (42 CFR 2.32).

    Raises NotSignedYet, NoConsentForThese, NotPermitted for anyone but the author.
    """
    demand(by, Permission.DISCLOSURE_RECORD, note.client)
    with act("counseling.disclose_separate_note", by=by, client=note.client) as entry:
        stored = author_locked(note, by=by)
        if stored.signed_at is None:
            raise NotSignedYet
        if consent.type != Consent.Type.SUD_NOTES:
            raise NoConsentForThese
        again = stored.disclosed.filter(
            disclosure__consent=consent,
            disclosure__recipient=recipient.strip(),
            disclosure__recorded_at__gt=sent_twice.since(timezone.now()),
        ).first()
        if again is not None:
            entry.about(again, note=stored.pk, sent_twice=True)
            return again
        try:
            disclosure = disclosures.record(
                client=stored.client,
                recipient=recipient,
                address=address,
                what=f"SUD counseling note No. {stored.pk} on the session of {stored.session_on:%b %-d, %Y}",
                why=consent.purpose,
                consent=consent,
                by=by,
            )
        except disclosures.NotConsented as refused:
            raise NoConsentForThese from refused
        sent = SeparateDisclosure.objects.create(note=stored, disclosure=disclosure)
        entry.about(sent, note=stored.pk)
    return sent


def still_allowed(sent: SeparateDisclosure) -> bool:
    """Whether the sheet of a disclosure may be printed (again): its consent has not ended since."""
    consent = sent.disclosure.consent
    today = timezone.localdate(timezone=sent.note.client.clinic.zone)
    return consent is not None and consents_for(sent.note.client, today).filter(pk=consent.pk).exists()


def author_locked(note: SeparateNote, *, by: StaffMember) -> SeparateNote:
    """The note as it is stored, for its author alone, locked. Raises NotPermitted."""
    visible = SeparateNote.objects.visible_to(by).filter(pk=note.pk)
    stored = visible.select_for_update(of=("self",), no_key=True).select_related("client__clinic").first()
    if stored is None:
        raise NotPermitted
    return stored


def _episode_on(client: Client, day: datetime.date) -> TreatmentEpisode | None:
    then = TreatmentEpisode.objects.filter(client=client, admitted_on__lte=day).exclude(discharged_on__lt=day)
    return then.order_by("-admitted_on", "-pk").first()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))

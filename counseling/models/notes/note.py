from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, Concat

from cases.models import Client, TreatmentEpisode
from cases.models.people.client import Plain
from cases.models.visibility import ClientRecordQuerySet
from counseling.codes import Modality, Place, RiskScreen, ShippedFormat
from staff.access import Permission, can
from staff.credentials import SignatureKind, SignedWith
from staff.day_rules import moments_since_1900, since_1900
from staff.history import tracked

from .format import NoteFormat
from .words import TextOf, letters_asked, words_asked, words_of_note

if TYPE_CHECKING:
    from staff.models import StaffMember


class NoteQuerySet(ClientRecordQuerySet["SessionNote"]):
    view_permission = Permission.NOTE_VIEW

    def visible_to(self, staff_member: StaffMember) -> Self:
        """Signed notes about clients the person may see; drafts for who writes them and the author's supervisor."""
        own = Q(author=staff_member) | Q(taken_over_by=staff_member)
        if can(staff_member, Permission.NOTE_COSIGN):
            own |= Q(author__supervisor=staff_member, discarded_at=None)
        return super().visible_to(staff_member).filter(Q(signed_at__isnull=False) | own)

    def written_by(self, staff_member: StaffMember) -> Self:
        """Notes that the person writes: their own, but for drafts that someone took over, and those they took over."""
        return self.filter(Q(author=staff_member, taken_over_by=None) | Q(taken_over_by=staff_member))

    def signed(self) -> Self:
        """Signed notes."""
        return self.filter(signed_at__isnull=False)

    def drafts(self) -> Self:
        """Notes still being written."""
        return self.filter(signed_at=None, discarded_at=None)

    def kept(self) -> Self:
        """Everything but discarded drafts."""
        return self.filter(discarded_at=None)

    def waiting_for_cosignature(self) -> Self:
        """Signed under supervision and not cosigned yet."""
        return self.filter(needs_cosignature=True, cosigned_at=None)

    def to_cosign_by(self, staff_member: StaffMember) -> Self:
        """Notes awaiting this person's cosignature: their supervisees', and those of authors with no supervisor now.

        A supervisor who left no longer signs; any other supervisor can cosign what was waiting for them.
        """
        nobody = Q(author__supervisor=None) | Q(author__supervisor__is_active=False)
        theirs = self.filter(Q(author__supervisor=staff_member) | nobody).exclude(author=staff_member)
        return theirs.waiting_for_cosignature()

    def about(self, words: str) -> Self:
        """Notes that contain the words, by web search rules or letter by letter.

        Searches the note's text, its risk finding and its addenda; the words may be partly in the note, partly in an
        addendum. Narrow it to a client: then it searches only that client's notes (index note_by_client).
        """
        from .addendum import Addendum

        asked = words_asked(words)
        both = CombinedExpression(OuterRef("words"), "||", F("words"), output_field=SearchVectorField())
        corrected = Addendum.objects.annotate(with_the_note=both).filter(note=OuterRef("pk"), with_the_note=asked)
        by_words = Q(words=asked) | Q(Exists(corrected))
        letters = letters_asked(words)
        if not letters:
            return self.filter(by_words)
        nothing, line_end = (Value(each, output_field=models.TextField()) for each in ("", "\n"))
        corrections = Addendum.objects.filter(note=OuterRef("pk")).order_by().values("note")
        added = Subquery(corrections.annotate(all=StringAgg("text", delimiter="\n")).values("all"))
        written = Concat(
            Coalesce(TextOf("sections"), nothing), line_end, "risk_detail", line_end, Coalesce(added, nothing),
            output_field=models.TextField(),
        )  # fmt: skip
        all_of_them = reduce(and_, (Q(everything__contains=each) for each in letters))
        return self.alias(everything=Plain(written)).filter(by_words | all_of_them)

    def for_reading(self) -> Self:
        """With all that one line of a list shows, newest session first."""
        rows = self.select_related("author", "episode__program", "own_format").defer("words")
        return rows.order_by("-session_started_at", "-pk")


# Draft saves come every few seconds and change only the text: they leave no history row each, or the history would be a
# hundred times the record. Everything else does: start, header, signing, discarding. Texts that lose a conflict are
# kept as SetAsideText.
@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=["sections", "version", "saved_at"])),
    pghistory.DeleteEvent(),
    append_only=True,
    exclude=["words", "cosigned_at"],
)
class SessionNote(models.Model):
    """One session's note. A draft until its author signs it; after that the database refuses any change.

    Where the author left the clinic, whoever took over finishes and signs the draft; the author stays the author.
    A trigger enforces this (migration 0002_signed_notes) against every role of the application, the admin and SQL.
    Corrections are addenda. Whether a note is cosigned, corrected or late is derived from its rows.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="session_notes")
    episode = models.ForeignKey(TreatmentEpisode, on_delete=models.PROTECT, related_name="session_notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="session_notes")

    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who finishes the draft, as its author left the clinic.",
    )

    format = models.CharField(max_length=20, help_text="Code of a shipped format, or of the clinic's own one.")
    own_format = models.ForeignKey(
        NoteFormat,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="notes",
        help_text="The version of the clinic's own format that it is written in; empty for those that ship.",
    )
    layout = models.JSONField(help_text="The format's sections as they were when the note was started.")
    sections = models.JSONField(default=dict, blank=True, help_text="Section key → text.")
    words = models.GeneratedField(expression=words_of_note(), output_field=SearchVectorField(), db_persist=True)

    session_started_at = models.DateTimeField("session start")
    session_ended_at = models.DateTimeField("session end", null=True, blank=True)
    modality = models.CharField("session type", max_length=16, choices=Modality, default=Modality.INDIVIDUAL)
    place = models.CharField("location", max_length=12, choices=Place, default=Place.CLINIC)
    attendees = models.CharField("attendees", max_length=200, blank=True, default="Client")
    goals = models.ManyToManyField("counseling.Goal", blank=True, related_name="notes")
    objectives = models.ManyToManyField("counseling.Objective", blank=True, related_name="notes")
    risk_screen = models.CharField(max_length=12, choices=RiskScreen, blank=True, default=RiskScreen.NOT_DONE)
    risk_detail = models.TextField("findings and actions taken", blank=True)
    high_risk_told_at = models.DateTimeField(
        null=True, blank=True, help_text="When it last found a high risk; stays when the draft is lowered or put away."
    )
    next_session_on = models.DateField("next session", null=True, blank=True)

    version = models.PositiveIntegerField(default=1, help_text="Counts saves, so that two tabs never overwrite.")
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_late_entry = models.BooleanField(
        default=False, help_text="Signed later after the session than the clinic allows."
    )
    needs_cosignature = models.BooleanField(default=False, help_text="The author was under supervision when signing.")
    cosigned_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="That of the cosignature: written by the database with it."
    )
    worded = models.JSONField(
        default=dict, blank=True, help_text="Names of goals, objectives and other items when the note was signed."
    )
    discarded_at = models.DateTimeField(null=True, blank=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ("-session_started_at", "-pk")
        constraints = [
            *moments_since_1900("session_started_at", "session_ended_at", prefix="note"),
            *since_1900("next_session_on", prefix="note"),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None) | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="note_signature_has_time_and_signer",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None)
                | Q(signed_by=F("author"), taken_over_by=None)
                | Q(signed_by=F("taken_over_by"), taken_over_by__isnull=False),
                name="note_signed_by_its_author_or_who_took_over",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=False) | Q(is_late_entry=False, needs_cosignature=False, worded={}),
                name="note_labels_come_with_signature",
            ),
            models.CheckConstraint(
                condition=Q(cosigned_at=None) | Q(signed_at__isnull=False), name="cosigned_note_is_signed"
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None) | Q(discarded_at=None), name="signed_note_is_never_discarded"
            ),
            models.CheckConstraint(
                condition=Q(own_format__isnull=False) | Q(format__in=ShippedFormat.values),
                name="note_format_is_shipped_or_own",
            ),
            models.CheckConstraint(
                condition=Q(session_ended_at=None) | Q(session_ended_at__gt=F("session_started_at")),
                name="session_ends_after_it_begins",
                violation_error_message="The end time must be after the start time.",
            ),
        ]
        indexes = [
            models.Index(fields=("client", "-session_started_at", "-id"), name="note_by_client"),
            models.Index(
                fields=("author", "session_started_at"),
                condition=Q(signed_at=None, discarded_at=None),
                name="note_draft_by_author",
            ),
            models.Index(
                fields=("author", "signed_at"),
                condition=Q(needs_cosignature=True, cosigned_at=None),
                name="note_waits_for_cosignature",
            ),
            models.Index(
                fields=("author", "discarded_at"),
                condition=Q(discarded_at__isnull=False),
                name="note_discarded_by_author",
            ),
            # all that says who wrote a client's notes, and which of them somebody may read
            models.Index(
                fields=("client", "author"),
                include=("signed_at", "discarded_at", "taken_over_by"),
                name="note_authors_of_client",
            ),
            models.Index(
                fields=("client",),
                condition=Q(risk_screen=RiskScreen.HIGH.value, discarded_at=None),
                name="note_that_found_high_risk",
            ),
            models.Index(
                fields=("client",), condition=Q(high_risk_told_at__isnull=False), name="note_that_told_high_risk"
            ),
        ]

    def __str__(self) -> str:
        return f"Note {self.pk}"

    @property
    def is_draft(self) -> bool:
        """Neither signed nor discarded."""
        return self.signed_at is None and self.discarded_at is None

    @property
    def writer_id(self) -> int:
        """Who may change the draft and sign it."""
        return self.taken_over_by_id or self.author_id

    @property
    def writer(self) -> StaffMember:
        """The same as a person."""
        return self.taken_over_by or self.author

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Sections in the note's own order: key, label, hint and text."""
        return [{**section, "text": self.sections.get(section["key"], "")} for section in self.layout]

    @property
    def opening(self) -> str:
        """Text of the first section that is not empty."""
        return next((part["text"] for part in self.parts if part["text"].strip()), "")

    @property
    def format_name(self) -> str:
        """The format's name; for a clinic's own format, by the version the note uses."""
        if self.own_format is not None:
            return self.own_format.name
        return ShippedFormat(self.format).label if self.format in ShippedFormat.values else self.format

    @property
    def format_title(self) -> str:
        """The same, with the version of the clinic's own format."""
        return str(self.own_format or self.format_name)

    @property
    def left_empty(self) -> list[str]:
        """Labels of required sections that are blank."""
        return [part["label"] for part in self.parts if part.get("required") and not part["text"].strip()]

    @property
    def addressed(self) -> dict[str, list[str]]:
        """Goals and objectives by their names when the note was signed; in a draft, by their current names."""
        return {
            kind: [self.worded.get(kind, {}).get(str(each.pk)) or str(each) for each in getattr(self, kind).all()]
            for kind in ("goals", "objectives")
        }

    @property
    def minutes(self) -> int | None:
        """Length of the session, or None while its end is not known."""
        if self.session_ended_at is None:
            return None
        return round((self.session_ended_at.timestamp() - self.session_started_at.timestamp()) / 60)


class NotePartQuerySet(ClientRecordQuerySet[Any]):
    view_permission = Permission.NOTE_VIEW
    client_path = "note__client"

    def visible_to(self, staff_member: StaffMember) -> Self:
        """Rows under notes that the person may read."""
        return super().visible_to(staff_member).filter(note__in=SessionNote.objects.visible_to(staff_member))


class SetAsideQuerySet(NotePartQuerySet):
    def visible_to(self, staff_member: StaffMember) -> Self:
        """Only rows the person wrote."""
        return super().visible_to(staff_member).filter(set_aside_by=staff_member)


@tracked
class NoteSignature(models.Model):
    """One signature on one note: who, with which credential, when, and the SHA-256 of what they signed.

    Append-only in the database. Name and credential are copied, because people marry and requalify.
    """

    note = models.ForeignKey(SessionNote, on_delete=models.PROTECT, related_name="signatures")
    kind = models.CharField(max_length=8, choices=SignatureKind)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="note_signatures")
    name = models.CharField(max_length=124)
    credential = models.CharField(max_length=30, blank=True)
    at = models.DateTimeField()
    hash = models.CharField(max_length=64, help_text="SHA-256 of the note's canonical text.")
    text_version = models.PositiveSmallIntegerField(help_text="Version of the rules for the canonical text.")
    client_number = models.BigIntegerField(
        null=True, help_text="Whose note was signed. Blank: signed before the text named the client."
    )
    signed_with = models.CharField(max_length=8, choices=SignedWith, blank=True)
    went_on_because = models.CharField(
        "reason for signing anyway",
        max_length=300,
        blank=True,
        help_text="Why a required safety step was not done first.",
    )

    objects = NotePartQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(fields=("note", "kind"), name="note_signed_once_in_each_way"),
            models.CheckConstraint(condition=Q(hash__regex=r"^[0-9a-f]{64}$"), name="signature_hash_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.signature_name}"

    @property
    def signature_name(self) -> str:
        """Name and credential at the time of signing."""
        return f"{self.name}, {self.credential}" if self.credential else self.name


@tracked
class SetAsideText(models.Model):
    """Superseded draft text, kept for the person who typed it."""

    note = models.ForeignKey(SessionNote, on_delete=models.CASCADE, related_name="set_aside")
    sections = models.JSONField(default=dict, help_text="Section key → text.")
    details = models.JSONField(default=dict, help_text="Part of the header → what it said, in words.")
    set_aside_at = models.DateTimeField()
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        ordering = ("-set_aside_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=~Q(sections={}) | ~Q(details={}), name="set_aside_text_says_something")
        ]

    def __str__(self) -> str:
        return f"Superseded text {self.pk}"

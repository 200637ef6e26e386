from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from cases.models.visibility import ClientRecordQuerySet, not_kept_from
from staff import records_read
from staff.access import Permission, can
from staff.day_rules import since_1900
from staff.encrypted_fields import EncryptedCharField, NumberedFirst, OnlyCiphertext, Token
from staff.history import tracked
from staff.models import Clinic
from staff.time_zones import is_time_zone, known_time_zone

from .births import KnownBirth, year_alone

if TYPE_CHECKING:
    from staff.models import StaffMember


class Sex(models.TextChoices):
    """Sex for instruments with separate cutoffs; gender is recorded in the person's own words."""

    FEMALE = "female", "Female"
    MALE = "male", "Male"
    NOT_SAID = "", "Not recorded"


class NameSound(models.Func):
    """A word's double metaphone code; empty if it is not in Latin letters. See migration 0001_initial."""

    function = "cases_name_sound"
    output_field = models.TextField()


class Plain(models.Func):
    """A text in small letters without its accents, as cases.people.names.plain computes it."""

    function = "cases_plain"
    output_field = models.TextField()


class NamePlain(models.Func):
    """The same for a name, under the name by which it is indexed. See migration 0001_initial."""

    function = "cases_name_plain"
    output_field = models.TextField()


class NameWords(models.Func):
    """Every searchable word of a person's names, each with a space before and after it.

    Covers given name, the name they go by, last and former last name, each apart, joined, and with and without
    apostrophes. See migration 0001_initial.
    """

    function = "cases_name_words"
    output_field = models.TextField()


class NameSounds(models.Func):
    """How each of these words sounds. Words in other than Latin letters have no sound. See migration 0001_initial."""

    function = "cases_name_sounds"
    output_field = ArrayField(models.TextField())


def _plain(name: str) -> models.GeneratedField:
    return models.GeneratedField(expression=NamePlain(name), output_field=models.TextField(), db_persist=True)


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, staff_member: StaffMember) -> ClientQuerySet:
        """Clients in the person's clinic: all for roles that may see all, otherwise those whose care team they are on.

        Emergency access is a care-team row that ends by itself, so it needs no rule of its own here. Whom a client has
        restricted sees them in neither way.
        """
        from .care_team import CareTeamMember

        if not can(staff_member, Permission.CLIENT_VIEW):
            return self.none()
        own = self.filter(clinic=staff_member.clinic_id)
        if can(staff_member, Permission.CLIENT_VIEW_ALL):
            return own.filter(not_kept_from(staff_member, "pk"))
        return own.filter(pk__in=CareTeamMember.objects.caseload(staff_member).values("client"))

    def current(self) -> ClientQuerySet:
        """Without records that were merged into another one."""
        return self.filter(merged_into=None)


@tracked
class Client(NumberedFirst, KnownBirth):
    """A person the clinic treats or has treated: one row for life, however many episodes."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="clients")
    given_name = models.CharField(max_length=60, blank=True, help_text="Blank if the person has only one name.")
    family_name = models.CharField(max_length=60, blank=True, help_text="Blank if the person has only one name.")
    former_family_name = models.CharField(
        max_length=60, blank=True, help_text="A former last name that may be on records."
    )
    preferred_name = models.CharField(max_length=60, blank=True, help_text="What the person likes to be called.")
    pronouns = models.CharField(max_length=30, blank=True)
    sex = models.CharField(max_length=6, choices=Sex, blank=True, default=Sex.NOT_SAID)
    ssn_last4 = EncryptedCharField(
        "last four digits of SSN",
        of="cases.Client.ssn_last4",
        findable=True,
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^\d{4}$", "Four digits.")],
    )
    language = models.CharField("preferred language", max_length=40, default="English")
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[is_time_zone],
        help_text="The client's time zone, if different from the clinic's.",
    )
    street = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=2, blank=True)
    postal_code = models.CharField("ZIP code", max_length=10, blank=True)
    work_postal_code = models.CharField("ZIP code of work or school", max_length=10, blank=True)
    must_not_reveal = models.TextField(
        blank=True, help_text="What a call, message or letter must not reveal, and to whom."
    )
    named_by_others = models.BooleanField(
        default=True,
        help_text="OK to name outside their own chart, such as on a group roster by first name and initial.",
    )
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="absorbed")
    created_at = models.DateTimeField(auto_now_add=True)
    # as names are compared letter by letter: stored, since a search rechecks thousands of names that share some letters
    given_plain = _plain("given_name")
    called_plain = _plain("preferred_name")
    family_plain = _plain("family_name")
    former_plain = _plain("former_family_name")
    name_words = models.GeneratedField(
        expression=NameWords("given_name", "preferred_name", "family_name", "former_family_name"),
        output_field=models.TextField(),
        db_persist=True,
    )
    name_sounds = models.GeneratedField(
        expression=NameSounds("given_name", "preferred_name", "family_name", "former_family_name"),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
    )

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ("family_name", "given_name", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="client_not_merged_into_itself"
            ),
            *since_1900("birth_date", prefix="client"),
            year_alone("client"),
            known_time_zone("client_time_zone_is_a_place", blank=True),
            models.CheckConstraint(
                condition=models.Q(given_name__regex=r"\S") | models.Q(family_name__regex=r"\S"),
                name="client_has_a_name",
            ),
            OnlyCiphertext(column="ssn_last4", name="client_ssn_is_encrypted"),
        ]
        indexes = [
            models.Index(fields=("clinic", "family_name", "given_name", "id"), name="client_list_by_name"),
            models.Index(fields=("clinic", "birth_date"), name="client_by_birth_date"),
            models.Index(
                fields=("clinic", "birth_year"),
                condition=models.Q(birth_year__isnull=False),
                name="client_by_birth_year",
            ),
            models.Index("clinic", Token("ssn_last4"), name="client_by_ssn_token"),
            GinIndex(OpClass("name_words", "gin_trgm_ops"), name="client_by_words_of_name"),
            GinIndex(fields=("name_sounds",), name="client_by_sounds_of_name"),
            GinIndex(
                OpClass("given_plain", "gin_trgm_ops"),
                OpClass("family_plain", "gin_trgm_ops"),
                OpClass("called_plain", "gin_trgm_ops"),
                name="client_names_trigram",
            ),
            GinIndex(OpClass("former_plain", "gin_trgm_ops"), name="client_former_name_trigram"),
        ]

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Client:
        """As Django, and `was_read`."""
        read = super().from_db(db, field_names, values, **more)
        cls.was_read(read)
        return read

    @staticmethod
    def was_read(client: Client) -> None:
        """Note that this person's record was read (`staff.instances` calls it, too)."""
        records_read.note(client.pk)

    def __str__(self) -> str:
        return self.full_name

    @property
    def called(self) -> str:
        """What to call the person: the name they go by, else the first name, else their only name."""
        return self.preferred_name or self.given_name or self.family_name

    @property
    def full_name(self) -> str:
        """The name the person goes by, with the last name if there is one."""
        return f"{self.preferred_name or self.given_name} {self.family_name}".strip()

    @property
    def name_in_lists(self) -> str:
        """Last name first, as lists are in order of it."""
        return ", ".join(filter(None, (self.family_name, self.preferred_name or self.given_name)))

    @property
    def roster_name(self) -> str:
        """First name and initial, as group rosters show it; “A member” for someone who bars being named.

        Someone with one name only is shown by its first letters: the whole of it would be their full name.
        """
        if not self.named_by_others:
            return "A member"
        first = self.preferred_name or self.given_name
        if not (first and self.family_name):
            return first or f"{self.family_name[:1]}."
        return f"{first} {self.family_name[:1]}."

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone in which the person lives and is reminded."""
        return zoneinfo.ZoneInfo(self.time_zone) if self.time_zone else self.clinic.zone

    @property
    def today(self) -> datetime.date:
        """Today's date where the client lives. What happens to them is reported and counted by it."""
        return timezone.localdate(timezone=self.zone)

    @property
    def age(self) -> int | None:
        """Age in full years today, where they live, as `age_on` counts them."""
        return self.age_on(self.today)

    @property
    def age_words(self) -> str:
        """“42 years”, “about 42 years” if only the year of birth is known, or empty."""
        if self.age is None:
            return ""
        return f"{'about ' if self.birth_date is None else ''}{self.age} year{'' if self.age == 1 else 's'}"

    def age_on(self, day: datetime.date) -> int | None:
        """Full years on a day; the highest possible if only the year of birth is known."""
        ages = self.ages_on(day)
        return None if ages is None else ages[1]


class ContactPointQuerySet(ClientRecordQuerySet["ContactPoint"]):
    view_permission = Permission.CLIENT_VIEW

    def current(self) -> ContactPointQuerySet:
        """Contact points still in use."""
        return self.filter(ended_at=None)


@tracked
class ContactPoint(NumberedFirst):
    """One way to reach a client, and what is safe to leave there."""

    class Kind(models.TextChoices):
        PHONE = "phone", "Phone"
        EMAIL = "email", "Email"

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contact_points")
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=254, help_text="As given.")
    normalized = models.CharField(
        max_length=254, help_text="E.164 for phones, lowercase for email; used to search and send."
    )
    label = models.CharField(max_length=40, blank=True, help_text="Whose it is, such as own cell or mother's landline.")
    voicemail_ok = models.BooleanField("OK to leave a voicemail", default=False)
    messages_ok = models.BooleanField("OK to text or email", default=False)
    safe_words = EncryptedCharField(
        "what a message can say", of="cases.ContactPoint.safe_words", max_length=200, blank=True
    )
    is_preferred = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it stopped reaching the person.")

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        ordering = ("-is_preferred", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("client", "kind", "normalized"),
                condition=models.Q(ended_at=None),
                name="contact_once_per_client",
            ),
            models.UniqueConstraint(
                fields=("client", "kind"),
                condition=models.Q(ended_at=None, is_preferred=True),
                name="one_preferred_contact_per_kind",
            ),
            OnlyCiphertext(column="safe_words", name="contact_words_are_encrypted"),
        ]
        indexes = [models.Index(fields=("normalized", "client"), name="contact_by_value")]

    def __str__(self) -> str:
        return self.value


class SobrietyStatementQuerySet(ClientRecordQuerySet["SobrietyStatement"]):
    view_permission = Permission.RELAPSE_VIEW


@tracked
class SobrietyStatement(models.Model):
    """A sobriety date as the client states it. The history is kept: the latest counts, and none is overwritten."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="sobriety_statements")
    sobriety_date = models.DateField()
    stated_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = SobrietyStatementQuerySet.as_manager()

    class Meta:
        ordering = ("-stated_at", "-pk")
        constraints = [
            *since_1900("sobriety_date", prefix="statement"),
        ]

    def __str__(self) -> str:
        return f"{self.sobriety_date}"

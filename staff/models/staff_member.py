from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Coalesce, Lower

from staff.history import tracked

from .clinic import Clinic, Program


class Role(models.TextChoices):
    """A person's role in the clinic. staff/access.py says what each role may do."""

    INTAKE_COORDINATOR = "intake", "Intake coordinator"
    COUNSELOR = "counselor", "Counselor"
    SUPERVISOR = "supervisor", "Clinical supervisor"
    MEDICAL = "medical", "Medical provider"
    ADMINISTRATOR = "administrator", "Clinic administrator"
    PRIVACY_OFFICER = "privacy", "Privacy officer"


class StaffQuerySet(models.QuerySet["StaffMember"]):
    def visible_to(self, staff_member: StaffMember) -> StaffQuerySet:
        """Colleagues in the person's own clinic."""
        return self.filter(clinic=staff_member.clinic_id)

    def clinicians(self) -> StaffQuerySet:
        """Staff who may decide on treatment."""
        return self.filter(role__in=(Role.COUNSELOR, Role.SUPERVISOR, Role.MEDICAL), is_active=True)


class StaffManager(BaseUserManager["StaffMember"].from_queryset(StaffQuerySet)):  # type: ignore[misc]
    """Makes staff accounts. There is no sign-up: an administrator or a command calls these."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> StaffMember:
        """Create one staff member with a hashed password; without one, no one can sign in to the account."""
        staff_member = self.model(email=self.normalize_email(email), **fields)
        staff_member.set_password(password)
        staff_member.save(using=self._db)
        return staff_member

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> StaffMember:
        """Create the first account of an installation: a clinic administrator of the first clinic."""
        if "clinic" not in fields and "clinic_id" not in fields:
            fields["clinic"], _ = Clinic.objects.get_or_create(name="Clinic", defaults={"phone": ""})
        fields |= {"is_staff": True, "is_superuser": True, "role": Role.ADMINISTRATOR}
        return self.create_user(email, password, **fields)

    def get(self, *args: Any, **kwargs: Any) -> StaffMember:
        """One person with their clinic, which every rule needs for the signed-in user.

        And with `unread`, how many items in their inbox they have not opened, which every page shows.
        """
        items = self.model._meta.get_field("inbox_items").related_model._default_manager
        own = items.of(models.OuterRef("pk")).unread().order_by().values("staff_member")
        count = models.Subquery(own.annotate(n=models.Count("pk")).values("n"), output_field=models.IntegerField())
        people = self.get_queryset().select_related("clinic").annotate(unread=Coalesce(count, 0))
        return people.get(*args, **kwargs)

    def get_by_natural_key(self, username: str | None) -> StaffMember:
        """Find by email address, ignoring case."""
        return self.get(email__iexact=username)


@tracked
class StaffMember(AbstractBaseUser, PermissionsMixin):
    """A staff member who signs in."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="staff_members")
    email = models.EmailField(max_length=254)
    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    role = models.CharField(max_length=16, choices=Role)
    credential = models.CharField(
        max_length=30, blank=True, help_text="Shown after the name on signed notes, e.g. LCDC."
    )
    supervisor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="supervisees",
        help_text="If set, this person’s notes need the supervisor’s cosignature.",
    )
    programs = models.ManyToManyField(Program, blank=True, related_name="staff_members")
    is_active = models.BooleanField(
        default=True, help_text="Can sign in. Never delete someone who signed a record. Turn this off instead."
    )
    is_staff = models.BooleanField("administers", default=False, help_text="Can open the administration pages.")
    inbox_by_email = models.BooleanField(
        "email about the inbox",
        default=True,
        db_default=True,
        help_text="An email says that something is in the inbox, and nothing about it.",
    )
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[StaffManager] = StaffManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["given_name", "family_name"]

    class Meta:
        ordering = ("family_name", "given_name")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="staff_email_once",
                violation_error_message="This email address is already in use.",
            ),
            models.CheckConstraint(condition=~models.Q(supervisor=models.F("id")), name="nobody_supervises_themselves"),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"

    def get_short_name(self) -> str:
        """Given name."""
        return self.given_name

    @property
    def signature_name(self) -> str:
        """Name and credential as shown on a signed note."""
        return f"{self.get_full_name()}, {self.credential}" if self.credential else self.get_full_name()

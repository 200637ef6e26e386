"""The demo's clinic, programs and staff."""

from __future__ import annotations

from django.conf import settings

from staff.models import Clinic, Program, StaffMember
from staff.models.clinic import MedicalIntensity, Setting

from .people import STAFF

CLINIC = "Onward Demo Clinic"

PROGRAMS = [
    ("Outpatient counseling", Setting.OUTPATIENT, MedicalIntensity.NONE, "1", 150),
    ("Intensive outpatient", Setting.INTENSIVE, MedicalIntensity.EVALUATION, "2.1", 60),
    ("Partial hospitalization", Setting.INTENSIVE, MedicalIntensity.EVALUATION, "2.5", 30),
    ("Residential treatment", Setting.RESIDENTIAL, MedicalIntensity.EVALUATION, "3.5", 36),
    ("Inpatient with detox", Setting.RESIDENTIAL, MedicalIntensity.MANAGED, "3.7", 16),
]


def make_clinic() -> tuple[Clinic, list[Program], list[StaffMember]]:
    """The clinic with its five programs and twelve staff members, one or more for each role."""
    clinic = Clinic.objects.create(
        name=CLINIC,
        neutral_name="The appointment desk",
        phone="518 555 0100",
        text_number="+18385550100",
        time_zone="America/New_York",
    )
    programs = Program.objects.bulk_create(
        Program(
            clinic=clinic,
            name=name,
            setting=setting,
            medical_intensity=medical,
            level_code=code,
            capacity=capacity,
        )
        for name, setting, medical, code, capacity in PROGRAMS
    )
    # One hash for all: Argon2 is slow on purpose, and the demo's password is printed anyway.
    template = StaffMember()
    template.set_password(settings.DEMO_PASSWORD)
    staff = [
        StaffMember.objects.create(
            clinic=clinic,
            role=role,
            given_name=given,
            family_name=family,
            credential=credential,
            email=f"{local}@{settings.DEMO_EMAIL_DOMAIN}",
            password=template.password,
            is_staff=role == "administrator",
            is_superuser=role == "administrator",
        )
        for role, given, family, credential, local in STAFF
    ]
    trainee = next(each for each in staff if each.credential.endswith("-T"))
    trainee.supervisor = next(each for each in staff if each.role == "supervisor")
    trainee.save(update_fields=["supervisor"])
    return clinic, programs, staff


def logins() -> list[tuple[str, str]]:
    """One sign-in per role, for the person who starts the demo: (role in words, email address)."""
    from staff.models import Role

    seen: dict[str, str] = {}
    for role, _given, _family, _credential, local in STAFF:
        seen.setdefault(Role(role).label, f"{local}@{settings.DEMO_EMAIL_DOMAIN}")
    return list(seen.items())

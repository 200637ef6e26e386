"""A whole clinic of any size, built in minutes: bench/README.md says what is in it and what is not."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from bench import around, notes, people
from bench.copying import analyze, copied, lean, number_on
from bench.size import Frame, Size
from cases.models import TreatmentEpisode
from counseling import carry_over
from staff.models import Clinic, Program, Role, StaffMember
from staff.models.clinic import Setting

MODELS = (*people.MODELS, *notes.MODELS, *around.MODELS)
GATHERED = 10  # carry-over boards of the first counselor


def build(size: Size, *, is_lean: bool = True) -> Frame:
    """Fill an empty, migrated database, as its owner; without `is_lean` under every trigger, so that the rows hold."""
    frame = staffed(size)
    with step("all of it"), transaction.atomic(), lean(MODELS) if is_lean else copied(MODELS):
        with step("people"):
            stays = people.copy_people(frame)
        with step("notes and signatures"):
            notes.copy_notes(frame, stays)
        with step("measures"):
            notes.copy_measures(frame, stays)
        with step("groups"):
            around.copy_groups(frame)
        with step("reminders, meetings, inquiries"):
            around.copy_reminders(frame)
            around.copy_meetings(frame)
            around.copy_inquiries(frame)
        number_on(each for each in MODELS if each._meta.pk.column == "id")
    for episode in _first_returns(frame):
        carry_over.gather(episode=episode, by=frame.counselors[0])
    if is_lean:
        with step("vacuum and analyze"):
            analyze()
    return frame


def staffed(size: Size) -> Frame:
    """The clinic with its people, before the first client."""
    clinic = Clinic.objects.create(name="Bench Clinic", phone="518 555 0100", time_zone="America/New_York")
    program = Program.objects.create(
        clinic=clinic, name="Outpatient", setting=Setting.OUTPATIENT, level_code="1", capacity=30_000
    )
    supervisors = [_staff(clinic, Role.SUPERVISOR, place) for place in range(size.supervisors)]
    return Frame(
        size=size,
        clinic=clinic,
        program=program,
        supervisors=supervisors,
        counselors=[
            _staff(clinic, Role.COUNSELOR, place, supervisors[place % len(supervisors)] if place % 5 == 1 else None)
            for place in range(size.counselors)
        ],
        intake=_staff(clinic, Role.INTAKE_COORDINATOR, 0),
        administrator=_staff(clinic, Role.ADMINISTRATOR, 0),
        now=timezone.now().replace(microsecond=0),
        chance=random.Random(20260302),
    )


def _staff(clinic: Clinic, role: str, place: int, supervisor: StaffMember | None = None) -> StaffMember:
    runs_it = role == Role.ADMINISTRATOR
    return StaffMember.objects.create(
        clinic=clinic,
        role=role,
        given_name="Sample",
        family_name=f"Staff{place}",
        email=f"{role}{place}@bench.example",
        credential="CASAC" if role == Role.COUNSELOR else "",
        supervisor=supervisor,
        is_staff=runs_it,
        is_superuser=runs_it,
    )


def _first_returns(frame: Frame) -> list[TreatmentEpisode]:
    open_now = TreatmentEpisode.objects.filter(discharged_on=None, admitted_by=frame.counselors[0])
    return list(open_now.exclude(prior_episode=None).select_related("client__clinic").order_by("pk")[:GATHERED])


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say how long it took."""
    began = time.monotonic()
    yield
    print(f"  {what}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)

"""The people of a test, plainly synthetic. `ClientFactory(in_care=True)` says what a story starts from.

Rows are written as they are, past the rules of the functions, so that a test can start from any state of the record;
a test of a rule calls the function that has it.
"""

from __future__ import annotations

import datetime
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from cases.models import CareTeamMember, Client, ClientRestriction, ContactPoint, Inquiry, Relapse, TreatmentEpisode
from cases.people import registration
from groups.models import Group, GroupType, Membership, MentorStep, MentorTerm, StepKind
from privacy.models import AccountingSuspension, ChartAccess
from staff.models import Clinic, Program, Role, StaffMember
from staff.models.clinic import Setting

PASSWORD = "sample-password-1"


class ClinicFactory(DjangoModelFactory[Clinic]):
    class Meta:
        model = Clinic

    name = factory.Sequence(lambda number: f"Example Clinic {number}")
    phone = "(555) 010-0100"


class ProgramFactory(DjangoModelFactory[Program]):
    class Meta:
        model = Program

    clinic = factory.SubFactory(ClinicFactory)
    name = factory.Sequence(lambda number: f"Program {number}")
    setting = Setting.OUTPATIENT
    level_code = "1"
    capacity = 40


class StaffMemberFactory(DjangoModelFactory[StaffMember]):
    """A colleague who can sign in with PASSWORD; an administrator sees the admin."""

    class Meta:
        model = StaffMember

    clinic = factory.SubFactory(ClinicFactory)
    role = Role.COUNSELOR
    email = factory.Sequence(lambda number: f"staff{number}@onward.example")
    given_name = "Sample"
    family_name = factory.Sequence(lambda number: f"Staff{number}")
    is_staff = factory.LazyAttribute(lambda made: made.role == Role.ADMINISTRATOR)
    password = PASSWORD

    @classmethod
    def _create(cls, model_class: type[StaffMember], *args: Any, **fields: Any) -> StaffMember:
        return model_class.objects.create_user(*args, **fields)


class CareTeamMemberFactory(DjangoModelFactory[CareTeamMember]):
    """Somebody who has cared for a client for ten years."""

    class Meta:
        model = CareTeamMember

    client = factory.SubFactory("tests.factories.ClientFactory")
    staff_member = factory.SubFactory(StaffMemberFactory, clinic=factory.SelfAttribute("..client.clinic"))
    part = CareTeamMember.Part.PRIMARY
    starts_at = factory.LazyFunction(lambda: timezone.now() - datetime.timedelta(days=3650))
    assigned_by = factory.SelfAttribute("staff_member")


class ClientRestrictionFactory(DjangoModelFactory[ClientRestriction]):
    """A client who does not want somebody to see their record."""

    class Meta:
        model = ClientRestriction

    client = factory.SubFactory("tests.factories.ClientFactory")
    clinic = factory.SelfAttribute("client.clinic")
    staff_member = factory.SubFactory(StaffMemberFactory, clinic=factory.SelfAttribute("..client.clinic"))
    recorded_by = factory.SubFactory(StaffMemberFactory, clinic=factory.SelfAttribute("..client.clinic"))
    reason = "Not my cousin who works here"
    starts_at = factory.LazyFunction(timezone.now)


class ClientFactory(DjangoModelFactory[Client]):
    """A client; with `counselor`, that colleague's. Traits: `in_care` and `returned_to_use`."""

    class Meta:
        model = Client
        skip_postgeneration_save = True

    class Params:
        in_care = factory.Trait(
            episode=factory.RelatedFactory("tests.factories.TreatmentEpisodeFactory", factory_related_name="client")
        )
        returned_to_use = factory.Trait(
            relapse=factory.RelatedFactory("tests.factories.RelapseFactory", factory_related_name="client", over=True)
        )

    clinic = factory.SubFactory(ClinicFactory)
    given_name = "Test"
    family_name = factory.Sequence(lambda number: f"Person{number}")
    birth_date = datetime.date(1985, 5, 17)

    @factory.post_generation
    def counselor(self, create: bool, counselor: StaffMember | None, **_: Any) -> None:
        if create and counselor is not None:
            CareTeamMemberFactory(client=self, staff_member=counselor)


class TreatmentEpisodeFactory(DjangoModelFactory[TreatmentEpisode]):
    """An episode of care since January 5, 2026."""

    class Meta:
        model = TreatmentEpisode

    client = factory.SubFactory(ClientFactory)
    program = factory.SubFactory(ProgramFactory, clinic=factory.SelfAttribute("..client.clinic"))
    admitted_on = datetime.date(2026, 1, 5)
    admitted_by = factory.SubFactory(StaffMemberFactory, clinic=factory.SelfAttribute("..client.clinic"))


class RelapseFactory(DjangoModelFactory[Relapse]):
    """A return to use that began on January 20, 2026. Trait: `over`, ended on the day it began."""

    class Meta:
        model = Relapse

    class Params:
        over = factory.Trait(ended_on=factory.SelfAttribute("started_on"))

    client = factory.SubFactory(ClientFactory)
    started_on = datetime.date(2026, 1, 20)
    recorded_at = factory.LazyFunction(timezone.now)
    recorded_by = factory.SubFactory(StaffMemberFactory, clinic=factory.SelfAttribute("..client.clinic"))


class GroupFactory(DjangoModelFactory[Group]):
    class Meta:
        model = Group

    program = factory.SubFactory(ProgramFactory)
    clinic = factory.SelfAttribute("program.clinic")
    name = factory.Sequence(lambda number: f"Group {number}")
    type = GroupType.PROCESS


class MembershipFactory(DjangoModelFactory[Membership]):
    """A spell in a group since January 12, 2026. Trait: `mentor`, a peer mentor since February 10."""

    class Meta:
        model = Membership
        skip_postgeneration_save = True

    class Params:
        mentor = factory.Trait(
            term=factory.RelatedFactory("tests.factories.MentorTermFactory", factory_related_name="membership")
        )

    group = factory.SubFactory(GroupFactory)
    client = factory.SubFactory(ClientFactory, clinic=factory.SelfAttribute("..group.clinic"))
    joined_on = datetime.date(2026, 1, 12)
    joined_by = factory.SubFactory(StaffMemberFactory, clinic=factory.SelfAttribute("..group.clinic"))


class MentorTermFactory(DjangoModelFactory[MentorTerm]):
    """A term as a peer mentor: agreed, approved until 2030 and appointed on its first day."""

    class Meta:
        model = MentorTerm
        skip_postgeneration_save = True

    membership = factory.SubFactory(MembershipFactory)
    started_on = datetime.date(2026, 2, 10)

    @factory.post_generation
    def steps(self, create: bool, by: StaffMember | None, **_: Any) -> None:
        kinds: dict[StepKind, dict[str, Any]] = {
            StepKind.AGREED: {},
            StepKind.APPROVED: {"valid_until": datetime.date(2030, 1, 1)},
            StepKind.APPOINTED: {"term": self, "sobriety_date": self.started_on - datetime.timedelta(days=3)},
        }
        for kind, own in kinds.items() if create else ():
            MentorStep.objects.create(
                membership=self.membership,
                kind=kind,
                on=self.started_on,
                at=datetime.datetime.combine(self.started_on, datetime.time(17), datetime.UTC),
                by=by or self.membership.joined_by,
                **own,
            )


class ContactPointFactory(DjangoModelFactory[ContactPoint]):
    """A number of a client; with `kind="email"` an address. It is found by its value, as if typed."""

    class Meta:
        model = ContactPoint

    client = factory.SubFactory(ClientFactory)
    kind = ContactPoint.Kind.PHONE
    value = factory.Sequence(lambda number: f"+1518555{number % 10_000:04d}")
    normalized = factory.LazyAttribute(lambda made: registration.normalize(made.kind, made.value))


class InquiryFactory(DjangoModelFactory[Inquiry]):
    """A call, just taken; with `client`, about them and at their clinic."""

    class Meta:
        model = Inquiry

    client = None
    clinic = factory.Maybe(
        "client",
        yes_declaration=factory.SelfAttribute("client.clinic"),
        no_declaration=factory.SubFactory(ClinicFactory),
    )
    taken_by = factory.SubFactory(StaffMemberFactory, clinic=factory.SelfAttribute("..clinic"))
    taken_at = factory.LazyFunction(timezone.now)


class ChartAccessFactory(DjangoModelFactory[ChartAccess]):
    """A chart that somebody opened just now, as the access log has it."""

    class Meta:
        model = ChartAccess

    staff_member = factory.SubFactory(StaffMemberFactory)
    clinic = factory.SelfAttribute("staff_member.clinic")
    at = factory.LazyFunction(timezone.now)
    view_name = "desk:chart"
    method = "GET"
    status = 200


class AccountingSuspensionFactory(DjangoModelFactory[AccountingSuspension]):
    """What an agency stated in writing yesterday, for half a year."""

    class Meta:
        model = AccountingSuspension

    client = factory.SubFactory(ClientFactory)
    clinic = factory.SelfAttribute("client.clinic")
    agency = "State Department of Health"
    official = "Sam Sample, chief investigator"
    statement = "The investigation would be known to those it is about"
    in_writing = True
    stated_on = factory.LazyAttribute(lambda made: made.client.today - datetime.timedelta(days=1))
    ends_on = factory.LazyAttribute(
        lambda made: made.stated_on + datetime.timedelta(days=180 if made.in_writing else 30)
    )
    recorded_at = factory.LazyFunction(timezone.now)
    recorded_by = factory.SubFactory(StaffMemberFactory, clinic=factory.SelfAttribute("..clinic"))

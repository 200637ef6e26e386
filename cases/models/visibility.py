"""Row visibility for every table that references a client.

Two things decide it: the role and the care team say whose records a person sees, and a client's own restriction
(`ClientRestriction`) takes some of them away again, from whatever role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BigIntegerField, BooleanField, F, Func, Q, Value

from staff import records_read
from staff.access import Permission, can
from staff.prepared import Moment

if TYPE_CHECKING:
    from staff.models import StaffMember

M = TypeVar("M", bound=models.Model, covariant=True)


class IsInArray(Func):
    """Whether a value is in an array."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class KeptFrom(Func):
    """The clients whose records are kept from a reader at this moment, as an array: asked once a statement.

    Migration 0006_kept_from has the function. It lists those who restricted this reader, and the records merged into
    theirs, but for those that the reader has opened for a medical emergency.
    """

    output_field = ArrayField(BigIntegerField())

    def __init__(self, reader: Any) -> None:
        key = getattr(reader, "pk", reader)
        super().__init__(key if hasattr(key, "resolve_expression") else Value(key, BigIntegerField()), Moment())

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> Any:  # type: ignore[override]  # noqa: ARG002
        """The parameters with their types: the server plans the text before it has values."""
        reader, moment = (compiler.compile(each) for each in self.source_expressions)
        sql = f"(SELECT cases_kept_from({reader[0]}::bigint, {moment[0]}::timestamptz))::bigint[]"
        return sql, (*reader[1], *moment[1])


class IsNotIn(Func):
    """Whether a value is not in an array; nobody's row is in none."""

    template = "(COALESCE(%(expressions)s))"
    arg_joiner = ", 0) <> ALL("
    output_field = BooleanField()


def not_kept_from(staff_member: StaffMember, path: str) -> Q:
    """Rows whose client, by the path that leads there, has not restricted this person (45 CFR 164.522(a), 42 CFR 2.26).

    Rows about no client pass. `of_clients_visible_to` has it; a rule that shows rows for another reason, such as one's
    own appointments, or a role that reads a whole clinic's, asks it besides.
    """
    return Q(IsNotIn(F(path), KeptFrom(staff_member)))


def of_clients_visible_to(staff_member: StaffMember, path: str, *, among_others: bool = False) -> Q:
    """Rows about clients the person may see, by the path that leads to the client.

    It never lists the clients of a clinic: where the role sees all, the row's own client says the clinic; otherwise a
    caseload is a few rows of care teams, which are of one clinic (migration 0004_care_team_of_one_clinic).
    `among_others` is for a condition that stands beside another one with an OR: as a list of numbers, each side can be
    looked up in its own index. A client's own restriction counts either way: a caseload has it by itself.
    """
    from .people.care_team import CareTeamMember

    if not can(staff_member, Permission.CLIENT_VIEW):
        return Q(pk__in=())
    if can(staff_member, Permission.CLIENT_VIEW_ALL):
        return Q(**{f"{path}__clinic": staff_member.clinic_id}) & not_kept_from(staff_member, path)
    caseload = CareTeamMember.objects.caseload(staff_member).order_by().values("client")
    if among_others:
        return Q(IsInArray(F(path), ArraySubquery(caseload)))
    return Q(**{f"{path}__in": caseload})


class ClientRecordQuerySet(models.QuerySet[M]):
    """Base of querysets over rows about one client; a subclass names the permission and the path to the client."""

    view_permission: ClassVar[Permission]
    client_path: ClassVar[str] = "client"

    def _fetch_all(self) -> None:
        """As Django, and note whose rows were read."""
        is_new = self._result_cache is None
        super()._fetch_all()
        if is_new and records_read.is_noting():
            records_read.note_all(getattr(row, "client_id", None) for row in self._result_cache or ())

    def visible_to(self, staff_member: StaffMember) -> Self:
        """Rows about clients the person may see, if their role may see this kind of row at all."""
        if not can(staff_member, self.view_permission):
            return self.none()
        return self.filter(of_clients_visible_to(staff_member, self.client_path))

"""Session types that don't need an objective: a default here, a clinic's own rules as data."""

from __future__ import annotations

from collections.abc import Iterable

from counseling.codes import Modality
from counseling.models import SessionKindRule
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.reading import Reading, reads, rows
from staff.refusals import Refusal

# The first talk, a crisis, errands.
FREE_BY_DEFAULT = frozenset({Modality.INTAKE.value, Modality.CRISIS.value, Modality.CASE_MANAGEMENT.value})


class UnknownKind(Refusal):
    sentence = "Choose session types from the list."


@reads
def free_of_objectives(clinic: Clinic) -> Reading[frozenset[str]]:
    """Session types whose notes need no objective in this clinic, in one query."""
    rules = yield from rows(SessionKindRule.objects.filter(clinic=clinic).values_list("kind", "needs_objective"))
    own = dict(rules)
    return frozenset(kind for kind in Modality.values if not own.get(kind, kind not in FREE_BY_DEFAULT))


def set_free_of_objectives(*, kinds: Iterable[str], by: StaffMember, reason: str = "") -> None:
    """Set which session types need an objective in the user's clinic: `kinds` are those that do not.

    A type that follows the product's default keeps no row. Raises UnknownKind, NotPermitted.
    """
    demand(by, Permission.NOTE_FORMATS)
    free = set(kinds)
    if free - set(Modality.values):
        raise UnknownKind
    with act("counseling.set_kinds_without_objective", by=by) as entry:
        clinic = Clinic.objects.select_for_update(no_key=True).get(pk=by.clinic_id)
        if free == free_of_objectives(clinic):
            return
        for kind in Modality.values:
            rule = SessionKindRule.objects.filter(clinic=clinic, kind=kind)
            if (kind in free) == (kind in FREE_BY_DEFAULT):
                rule.delete()
            else:
                rule.update_or_create(
                    clinic=clinic, kind=kind, defaults={"needs_objective": kind not in free, "reason": reason.strip()}
                )
        entry.about(clinic, free=sorted(free))

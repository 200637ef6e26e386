"""A clinic's own value for a number that the product has a default for (staff/thresholds.py)."""

from __future__ import annotations

from staff.access import demand
from staff.acts import act
from staff.models import Clinic, ClinicThreshold, StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.thresholds import Threshold, registry, values_for


class OutOfRange(Refusal):
    """A number that the rule does not allow."""


class WhyDifferent(Refusal):
    """A number of one's own is explained to the next reader."""

    sentence = "Enter why your clinic’s number differs."


class AnotherRoleSets(NotPermitted):
    """What the privacy officer watches by is not set by those who are watched."""


def of_clinic(clinic: Clinic) -> dict[str, ClinicThreshold]:
    """The clinic's own numbers with their reasons, by key."""
    return {each.key: each for each in ClinicThreshold.objects.filter(clinic=clinic)}


def set_own(*, clinic: Clinic, key: str, value: int, reason: str, by: StaffMember) -> bool:
    """Set a number for the clinic; the default again takes its own value away. Returns whether anything changed.

    Each number says who may set it. Raises NotPermitted, AnotherRoleSets, OutOfRange, WhyDifferent.
    """
    if clinic.pk != by.clinic_id:
        raise NotPermitted
    threshold = registry.get(key)
    if threshold is None:
        raise OutOfRange("This setting doesn’t exist.")
    try:
        demand(by, threshold.permission)
    except NotPermitted as error:
        raise AnotherRoleSets(f"Only the {threshold.setter} sets this number.") from error
    if not threshold.lowest <= value <= threshold.highest:
        raise OutOfRange(f"Enter a number from {threshold.lowest} to {threshold.highest} {threshold.unit}.")
    if values_for(clinic, [threshold])[key] == value:
        return False
    _check_pair(clinic, threshold, value)
    reason = " ".join(reason.split())[:200]
    if value != threshold.default and not reason:
        raise WhyDifferent
    with act("staff.set_number", by=by, clinic=clinic) as entry:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        own = ClinicThreshold.objects.filter(clinic=clinic, key=key).first() or ClinicThreshold(clinic=clinic, key=key)
        if value == threshold.default:
            if own.pk is not None:
                own.delete()
            entry.about(clinic, key=key, value=value)
        else:
            own.value, own.reason = value, reason
            own.save()
            entry.about(own, key=key, value=value)
    return True


def _check_pair(clinic: Clinic, threshold: Threshold, value: int) -> None:
    """Raise OutOfRange if the number would be that of the other end of its span: a span without a length is none."""
    other = registry.get(threshold.differs_from)
    if other is not None and other.for_clinic(clinic) == value:
        raise OutOfRange(f"“{threshold.label}” and “{other.label}” can’t both be {value}.")

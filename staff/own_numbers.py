"""A clinic's own value for a number that the product has a default for (staff/thresholds.py)."""

from __future__ import annotations

from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, ClinicThreshold, StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.thresholds import registry, values_for


class OutOfRange(Refusal):
    """A number that the rule does not allow."""


class WhyDifferent(Refusal):
    """A number of one's own is explained to the next reader."""

    sentence = "Enter why your clinic’s number differs."


def set_own(*, clinic: Clinic, key: str, value: int, reason: str, by: StaffMember) -> bool:
    """Set a number for the clinic; the default again takes its own value away. Returns whether anything changed.

    Raises NotPermitted, OutOfRange, WhyDifferent.
    """
    demand(by, Permission.CLINIC_MANAGE)
    if clinic.pk != by.clinic_id:
        raise NotPermitted
    threshold = registry.get(key)
    if threshold is None:
        raise OutOfRange("This setting doesn’t exist.")
    if not threshold.lowest <= value <= threshold.highest:
        raise OutOfRange(f"Enter a number from {threshold.lowest} to {threshold.highest} {threshold.unit}.")
    if values_for(clinic, [threshold])[key] == value:
        return False
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

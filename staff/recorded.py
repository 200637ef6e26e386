"""When a row was recorded, as opposed to the date it is about."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from staff.models import AuditEntry

Row = TypeVar("Row", bound=Model)

# Acts that write down or correct what an assessment or a call tells; a decision about one tells nothing new.
ASSESSED = ("cases.record_assessment", "cases.amend_assessment")
CALLED = ("cases.take_inquiry", "cases.amend_inquiry", "cases.link_inquiry")
JOINED = "cases.merge"  # brings along all that the absorbed record held


def since(rows: QuerySet[Row], moment: Any, *, at: str, acts: tuple[str, ...] = ()) -> QuerySet[Row]:
    """A client's rows that were recorded, or corrected by one of `acts`, after a moment.

    `at` is the row's own time: what happened after the moment was recorded after it. An older row was recorded late if
    the audit log has one of `acts` about it (or any act, without them), or a merge that brought it in. `moment` may be
    an OuterRef of the outer query.
    """
    nested = OuterRef(moment) if isinstance(moment, OuterRef) else moment
    entries = AuditEntry.objects.filter(client_id=OuterRef("client_id"), at__gt=nested).order_by()
    about_it = Q(subject_type=rows.model._meta.label_lower, subject_id=OuterRef("pk"))
    if acts:
        about_it &= Q(act__in=acts)
    return rows.filter(Q(**{f"{at}__gt": moment}) | Exists(entries.filter(about_it | Q(act=JOINED))))

"""What belongs to a client, by Django's own relations, and how it moves to another record."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import IntegrityError, models, transaction

from cases.models import Client, ClientMerge
from staff.refusals import Refusal


class CannotStandTogether(Refusal):
    """One person cannot have both of these."""


def relations() -> Iterator[tuple[type[models.Model], str]]:
    """Every table and column that points to a client and moves with them, whichever app it belongs to."""
    for relation in Client._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or not (relation.one_to_many or relation.one_to_one):
            continue
        model = relation.related_model
        is_history = hasattr(model, "pgh_tracked_model")
        if isinstance(model, type) and not is_history and model not in (Client, ClientMerge):
            yield model, relation.field.name  # type: ignore[union-attr]


def ids_of(model: type[models.Model], column: str, client_id: int) -> list[int]:
    """The rows of one client."""
    return list(model._base_manager.filter(**{column: client_id}).order_by("pk").values_list("pk", flat=True))


def move(model: type[models.Model], column: str, source: int, target: int, ids: list[int]) -> list[int]:
    """Move rows from one client to the other; rows no longer with `source` stay where they are."""
    try:
        with transaction.atomic():
            model._base_manager.filter(pk__in=ids, **{column: source}).update(**{column: target})
    except IntegrityError as error:
        what = model._meta.verbose_name_plural
        raise CannotStandTogether(
            f"Both records have {what} that one person can’t have at the same time. End or correct one first."
        ) from error
    return ids

"""Make model instances of database rows without running `Model.__init__` for each.

Half of the time in which Django makes a thousand instances goes into setting each field by its descriptor and telling
signals that nobody receives. A row from the database needs neither: its values are the instance's own attributes.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

from staff.encrypted_fields import EncryptedAttribute

# Setting them on a new instance stores the value, no more.
PLAIN = (DeferredAttribute, ForeignKeyDeferredAttribute, EncryptedAttribute)


class Rows:
    """Stands in for a model class where Django makes its instances of rows."""

    def __init__(self, model: type[Model]) -> None:
        self.model, self._meta = model, model._meta
        self.tell = getattr(model, "was_read", None)

    def from_db(self, db: str, field_names: Sequence[str], values: Sequence[Any]) -> Model:
        """As Model.from_db; fields that were not read are deferred, since they are absent."""
        instance = self.model.__new__(self.model)
        state = instance._state = ModelState()
        state.adding, state.db = False, db
        instance.__dict__.update(zip(field_names, values, strict=True))
        if self.tell is not None:
            self.tell(instance)
        return instance


def quickly(klass_info: dict[str, Any] | None) -> dict[str, Any] | None:
    """A compiler's `klass_info` (what to make of its columns) with Rows for the models that need no more."""
    if klass_info is None:
        return None
    found = {**klass_info}
    if _is_plain(klass_info["model"]):
        found["model"] = Rows(klass_info["model"])
    found["related_klass_infos"] = [quickly(each) for each in klass_info.get("related_klass_infos", [])]
    return found


@functools.cache
def _is_plain(model: type[Model]) -> bool:
    return (
        model.__init__ is Model.__init__
        # A `from_db` that does no more than call `was_read` is done here as well.
        and (model.from_db.__func__ is Model.from_db.__func__ or hasattr(model, "was_read"))  # type: ignore[attr-defined]
        and not (pre_init.has_listeners(model) or post_init.has_listeners(model))
        and all(type(getattr(model, field.attname)) in PLAIN for field in model._meta.concrete_fields)
    )

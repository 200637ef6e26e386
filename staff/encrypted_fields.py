"""Model fields whose values are encrypted in the database (staff/field_keys.py), history included.

    class Note(NumberedFirst, models.Model):
        text = EncryptedTextField(of="counseling.SeparateNote.text", blank=True)

An instance holds what was stored until the attribute is read: only what is shown is decrypted, and what cannot be
decrypted raises `Unreadable` there, which becomes a page of its own (staff/unreadable_pages.py). Lists show
`note.text_shown` instead: the text, or words that say why there is none. An unchanged text keeps its ciphertext, so
that saving a row anew changes nothing, and nothing is written over what can't be read. Empty stays empty: that nothing
was written is no secret. `of` names the column, in the row's history as well.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.core.exceptions import FieldError
from django.db import connection, connections, models, router
from django.db.models import lookups
from django.db.models.query_utils import DeferredAttribute
from psycopg import sql

from staff import field_keys

M = TypeVar("M", bound=models.Model)
log = logging.getLogger("onward.encryption")


@dataclass(frozen=True)
class Stored:
    """A value as it is in the database. It has no text: whoever reads columns past the model gets nothing to show."""

    raw: str

    def __str__(self) -> str:
        return "(encrypted)"

    __repr__ = __str__


class EncryptedAttribute(DeferredAttribute):
    """Decrypts when it is read, and remembers what was stored."""

    field: Encrypted

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if not isinstance(value, Stored):
            return value
        text = field_keys.decrypt(value.raw, column=self.field.of, row=_row(instance))
        instance.__dict__[self.field.attname] = text
        instance.__dict__[_memory(self.field)] = (value, text, _row(instance))
        return text

    def __set__(self, instance: models.Model, value: Any) -> None:
        before = instance.__dict__.get(self.field.attname)
        if isinstance(before, Stored) and not isinstance(value, Stored):
            instance.__dict__[_covered(self.field)] = before  # set unread: `pre_save` looks whether it can be read
        instance.__dict__[self.field.attname] = value


if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
    _CharField = models.CharField[str, str]
    _Field = models.Field[str, str]
else:
    _TextField, _CharField, _Field = models.TextField, models.CharField, object


class Encrypted(_Field):
    """What both kinds have in common. With `findable`, rows can be found by the whole value."""

    descriptor_class = EncryptedAttribute

    def __init__(self, *args: Any, of: str = "", findable: bool = False, **kwargs: Any) -> None:
        self.of, self.findable = of, findable
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """With what it is bound to, which renaming the model doesn’t change."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of, **({"findable": True} if self.findable else {})}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        """With what lists show."""
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, f"{name}_shown", property(functools.partial(shown, field=name)))

    def db_type(self, connection: Any) -> str:  # noqa: ARG002
        """Ciphertext is longer than what may be typed."""
        return "text"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:  # noqa: ARG002
        """Kept as it is until it is read."""
        return Stored(value) if value else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """What was stored if the text is the same, else the text encrypted for this row.

        Raises Unreadable instead of writing over a text that nobody can have read: its key may come back.
        """
        value, row = model_instance.__dict__.get(self.attname, ""), _row(model_instance)
        covered = model_instance.__dict__.get(_covered(self))
        if covered is not None and not add:
            field_keys.decrypt(covered.raw, column=self.of, row=row)
            del model_instance.__dict__[_covered(self)]
        if isinstance(value, Stored) and add:
            field_keys.decrypt(value.raw, column=self.of, row=row)  # not one that was copied from another row
        if isinstance(value, Stored) or not value:
            return value
        before, text, whose = model_instance.__dict__.get(_memory(self), (None, None, None))
        if before is None or (text, whose) != (value, row):
            if row is None:
                raise ValueError(f"{self.of} is bound to its row: number the row before it is stored (NumberedFirst).")
            before = Stored(field_keys.encrypt(value, column=self.of, row=row, is_findable=self.findable))
            model_instance.__dict__[_memory(self)] = (before, value, row)
        return before

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Takes what `pre_save` made. A text of no row, as in `.update()`, is refused."""
        if isinstance(value, Stored):
            return value.raw
        if not value or hasattr(value, "resolve_expression"):
            return super().get_db_prep_save(value, connection)
        raise TypeError(f"{self.of} is encrypted for its row: set it on an instance and save that.")

    def get_lookup(self, lookup_name: str) -> Any:
        """Encrypted values have no order and no parts: only empty ones are found, and whole ones where findable."""
        if lookup_name == "exact":
            return Exactly
        if lookup_name in ("isnull", "df", "ndf"):  # the last two: whether it differs from before, in triggers
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.of} is encrypted and can’t be searched with “{lookup_name}”.")


class EncryptedTextField(Encrypted, _TextField):
    """A text of any length."""


class EncryptedCharField(Encrypted, _CharField):
    """A line; `max_length` is that of the text."""


def shown(instance: models.Model, field: str) -> str:
    """The text, or in its place the words that say why it can't be read: for lists, which the other rows are in."""
    try:
        return str(getattr(instance, field))
    except field_keys.Unreadable as why:
        log.error("%s", why)
        return why.words


def if_readable(instance: models.Model, field: str) -> str:
    """The text, or nothing where it can't be read: for comparisons, which then go by everything else."""
    try:
        return str(getattr(instance, field))
    except field_keys.Unreadable as why:
        log.error("%s", why)
        return ""


class Exactly(lookups.Exact):
    """Nothing is stored, or exactly this."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """By the token, which an index may hold (`Token`)."""
        if self.rhs == "":
            return super().as_sql(compiler, connection)
        field = self.lhs.output_field
        if not field.findable or not isinstance(self.rhs, str):
            raise FieldError(f"{field.of} is encrypted and can’t be searched.")
        left, params = self.process_lhs(compiler, connection)
        found_by = field_keys.tokens(self.rhs, column=field.of)
        return f"split_part({left}, '.', {field_keys.TOKEN_PLACE}) = ANY(%s)", [*params, found_by]


class Token(models.Func):
    """What a findable value is found by, for an index."""

    function = "split_part"
    template = f"%(function)s(%(expressions)s, '.', {field_keys.TOKEN_PLACE})"
    output_field = models.TextField()


class OnlyCiphertext(models.CheckConstraint):
    """The database refuses a text that isn’t encrypted, whoever writes it."""

    def __init__(self, *, column: str, name: str) -> None:
        self.column = column
        super().__init__(condition=models.Q(), name=name)

    def deconstruct(self) -> Any:
        """As it was made."""
        return f"{type(self).__module__}.{type(self).__name__}", (), {"column": self.column, "name": self.name}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OnlyCiphertext) and (self.column, self.name) == (other.column, other.name)

    __hash__ = None  # type: ignore[assignment]

    def _get_check_sql(self, model: Any, schema_editor: Any) -> str:
        column = schema_editor.quote_name(model._meta.get_field(self.column).column)
        return f"{column} = '' OR {column} ~ '{field_keys.STORED}'"

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to do before it is stored: on an instance it is a text."""


class NumberedFirst(models.Model):
    """Rows that know their number before they are stored, since ciphertext is bound to it."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Number a new row, then insert it."""
        if self._state.adding and self.pk is None:
            using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
            (self.pk,) = _next_numbers(type(self), 1, using)
            try:
                super().save(*args, **{**kwargs, "force_insert": True})
            except BaseException:
                self.pk = None  # it was not stored: the next try is numbered anew
                raise
            return
        super().save(*args, **kwargs)


def numbered(rows: Iterable[M]) -> list[M]:
    """New rows of one table with their numbers, for `bulk_create`."""
    found = list(rows)
    if found:
        using = router.db_for_write(type(found[0]))
        for row, pk in zip(found, _next_numbers(type(found[0]), len(found), using), strict=True):
            row.pk = pk
    return found


def _next_numbers(model: type[models.Model], count: int, using: str) -> list[int]:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [f'"{model._meta.db_table}"', count],
        )
        return [number for (number,) in cursor.fetchall()]


@dataclass(frozen=True)
class Column:
    """A column of ciphertext: where it is, and what its values are bound to (`row` has the number of the row)."""

    table: str
    key: str
    row: str
    column: str
    of: str
    is_findable: bool


def columns() -> list[Column]:
    """All columns of ciphertext, those of histories included."""
    return [
        Column(
            table=model._meta.db_table,
            key=str(model._meta.pk.column),
            row="id",
            column=str(field.column),
            of=field.of,
            is_findable=field.findable,
        )
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, Encrypted)
    ]


def under_missing_keys() -> int:
    """How many values are under keys that FIELD_KEYS lacks, so that nobody can read them. One query."""
    counts = [
        sql.SQL(
            "SELECT count(*) AS n FROM {table} WHERE {column} <> '' AND split_part({column}, '.', 2) <> ALL({known})"
        ).format(
            table=sql.Identifier(each.table), column=sql.Identifier(each.column), known=sql.Literal(field_keys.known())
        )
        for each in columns()
    ]
    asked = sql.SQL("SELECT coalesce(sum(n), 0) FROM ({}) AS counts").format(sql.SQL(" UNION ALL ").join(counts))
    with connection.cursor() as cursor:
        cursor.execute(asked.as_string(cursor.connection))
        return int(cursor.fetchone()[0])


def _row(instance: models.Model) -> int | None:
    """The number of the row, which a row of its history has as well."""
    return instance.__dict__.get("id")


@functools.cache
def _memory(field: Encrypted) -> str:
    return f"_stored_{field.attname}"


@functools.cache
def _covered(field: Encrypted) -> str:
    return f"_covered_{field.attname}"

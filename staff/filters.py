"""Filters above a list, read from the page's URL. Each app declares its own in `filters.py`.

A filter only narrows rows that its view has read through `visible_to`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import django_filters
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from staff.access import StaffRequest
from staff.days import beginning_of, end_of
from staff.typed_fields import DayField, KeyField

PLACES = ("after", "page")  # where a page begins: a list with new filters starts over


class ListFilter(django_filters.FilterSet):
    """The filters of one list: `components/filters.html` shows them, `qs` is the filtered rows.

    An invalid value gets a message beside its field, and its filter acts as if nothing was chosen.
    """

    button = "Filter"
    wide: tuple[str, ...] = ()  # fields that take the room that is left

    def __init__(self, request: StaffRequest, rows: QuerySet[Any], *, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(request.GET if data is None else data, rows, request=request)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows that pass every filter."""
        for name, each in self.filters.items():
            queryset = each.filter(queryset, self.form.cleaned_data.get(name))
        return queryset

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was chosen that narrows the list."""
        self.form.is_valid()
        return any(self.form.cleaned_data.values())

    @property
    def may_be_cleared(self) -> bool:
        """Whether the fields hold anything at all, sense or not."""
        return self.is_narrowed or bool(self.form.errors)

    @property
    def kept(self) -> str:
        """The query that links to other pages of the list go on with: all of this one's but its place."""
        kept = QueryDict(mutable=True)
        for name, values in self.request.GET.lists():
            if (name in self.filters or name not in PLACES) and any(values):
                kept.setlist(name, values)
        return kept.urlencode()

    @cached_property
    def helper(self) -> FormHelper:
        """The fields in one row; form and buttons are the component's."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True  # a GET
        grows = dict.fromkeys(self.wide, "ow-filters__grow")
        helper.layout = Layout(*(Field(name, wrapper_class=grows.get(name, "")) for name in self.filters))
        return helper


class WhichFilter(django_filters.ChoiceFilter):
    """A choice whose blank option also means something, such as “All open”. `which` names the FilterSet's method."""

    def __init__(self, *, which: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.which = which

    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        """The FilterSet's result for the choice, or for none."""
        rows: QuerySet[Any] = getattr(self.parent, self.which)(qs, value or "")
        return rows


class _TickedField(forms.BooleanField):
    """A checkbox that filters only if checked."""

    def clean(self, value: Any) -> bool | None:
        """True or nothing."""
        return super().clean(value) or None


class TickFilter(django_filters.Filter):
    """A box to tick."""

    field_class = _TickedField


class KeyFilter(django_filters.Filter):
    """The number of a record."""

    field_class = KeyField


class DateFilter(django_filters.Filter):
    """From a date on (`gte`) or through one (`lte`), for columns that hold dates."""

    field_class = DayField


class SinceFilter(django_filters.Filter):
    """From a day of the clinic on."""

    field_class = DayField

    def __init__(self, field_name: str, **kwargs: Any) -> None:
        super().__init__(field_name, "gte", **kwargs)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """The rows from the day's first moment on."""
        rows: QuerySet[Any] = super().filter(qs, value and beginning_of(value, self.parent.request.user.clinic.zone))
        return rows


class UntilFilter(django_filters.Filter):
    """Through a day of the clinic."""

    field_class = DayField

    def __init__(self, field_name: str, **kwargs: Any) -> None:
        super().__init__(field_name, "lt", **kwargs)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """The rows up to the day's last moment."""
        rows: QuerySet[Any] = super().filter(qs, value and end_of(value, self.parent.request.user.clinic.zone))
        return rows

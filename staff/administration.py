"""Administration pages follow the same role table and visibility rules as every other page.

Django's own model permissions and `is_superuser` open nothing here: a clinic administrator keeps programs and templates
without being able to read a chart, and sees only their own clinic.
"""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest

from staff import outside
from staff.access import Permission, can
from staff.acts import act

M = TypeVar("M", bound=models.Model)


def _keys(sent: list[str]) -> list[str]:
    """Choices a refused form can show again: only values that can be a row's key."""
    return [each for each in sent if not each or outside.keys(each)]


class _OneOfKeys(AutocompleteSelect):
    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, _keys(value), attr)


class _SeveralOfKeys(AutocompleteSelectMultiple):
    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, _keys(value), attr)


class OwnClinicChoices(admin.RelatedFieldListFilter):
    """A filter by a related row that offers only rows the person may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002
        """Their keys and names; none of a table that does not say who may see it."""
        manager = field.remote_field.model._default_manager
        rows = manager.visible_to(request.user) if hasattr(manager, "visible_to") else manager.none()
        return [(row.pk, str(row)) for row in rows]


class ClinicAdmin(admin.ModelAdmin, Generic[M]):
    """Base of every administration page: name the permission to see, and to change if that may be done here."""

    may_view: ClassVar[Permission]
    may_change: ClassVar[Permission | None] = None
    may_delete: ClassVar[Permission | None] = None
    clinic_path: ClassVar[str] = "clinic"  # used where the model's manager has no `visible_to`

    list_per_page = 50
    show_full_result_count = False  # a count of a million rows, for a number no one reads

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[M]:
        """Rows of the person's clinic that they may see."""
        manager = self.model._default_manager
        if hasattr(manager, "visible_to"):
            rows = manager.visible_to(request.user)
        else:
            rows = manager.filter(**{self.clinic_path: getattr(request.user, "clinic_id", None)})
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_list_select_related(self, request: HttpRequest) -> Any:
        """The rows that the list names, and no more: Django alone would join all that these lead to, forty tables."""
        chosen = super().get_list_select_related(request)
        if chosen is not False:
            return chosen
        keys = {each.name for each in self.model._meta.fields if isinstance(each, models.ForeignKey)}
        return tuple(name for name in self.get_list_display(request) if name in keys) or False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the app shows on the index."""
        return can(request.user, self.may_view)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # get_queryset scopes
        """Whether the role may see such rows."""
        return can(request.user, self.may_view)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  # inlines pass one
        """Whether the role may add such rows here."""
        return self.may_change is not None and can(request.user, self.may_change)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Whether the role may change such rows here."""
        return self.may_change is not None and can(request.user, self.may_change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Whether the role may delete such rows here. Records of care are never deleted."""
        return self.may_delete is not None and can(request.user, self.may_delete)

    def get_list_filter(self, request: HttpRequest) -> Any:
        """The filters beside the list. Django's own filter by a related row offers those of every clinic."""
        return [self._of_own_clinic(each) for each in super().get_list_filter(request)]

    def _of_own_clinic(self, each: Any) -> Any:
        name, kind = each if isinstance(each, (list, tuple)) else (each, None)
        is_relation = isinstance(name, str) and "__" not in name and self.model._meta.get_field(name).is_relation
        if is_relation and kind in (None, admin.RelatedFieldListFilter, admin.RelatedOnlyFieldListFilter):
            return name, OwnClinicChoices
        return each

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer and accept only what the person may see: an id from another clinic is refused."""
        return super().formfield_for_foreignkey(db_field, request, **self._scoped(db_field, request, options))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """The same for lists."""
        return super().formfield_for_manytomany(db_field, request, **self._scoped(db_field, request, options))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save as an act: attributed in the history, and in the audit log with the names of the fields that changed."""
        verb = "change" if change else "add"
        with act(f"{obj._meta.app_label}.{verb}_{obj._meta.model_name}", by=self._who(request)) as entry:
            super().save_model(request, obj, form, change)
            entry.about(obj, changed=[name for name in form.changed_data if "password" not in name])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete as an act."""
        with act(f"{obj._meta.app_label}.delete_{obj._meta.model_name}", by=self._who(request)) as entry:
            entry.about(obj, was=str(obj), pk=obj.pk)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[M]) -> None:
        """Delete several, each as its own act."""
        for obj in queryset:
            self.delete_model(request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list; among the selected rows, only valid keys count."""
        if request.method == "POST":
            ticked = [each for each in request.POST.getlist(ACTION_CHECKBOX_NAME) if outside.keys(each)]
            sent = request.POST.copy()
            sent.setlist(ACTION_CHECKBOX_NAME, ticked)
            request.POST = sent  # type: ignore[assignment]
        return super().changelist_view(request, extra_context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """The history. Django looks for the row before it asks who may see such rows, and so tells which there are."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def _who(self, request: HttpRequest) -> Any:
        return request.user

    def _scoped(self, db_field: Any, request: HttpRequest, options: dict[str, Any]) -> dict[str, Any]:
        several = isinstance(db_field, models.ManyToManyField)
        if db_field.name in self.get_autocomplete_fields(request):
            widget = _SeveralOfKeys if several else _OneOfKeys
            options.setdefault("widget", widget(db_field, self.admin_site))
        manager = db_field.remote_field.model._default_manager
        if "queryset" not in options and hasattr(manager, "visible_to"):
            options["queryset"] = manager.visible_to(request.user)
        return options


class OwnClinicForm(ModelForm):
    """The form of a row that belongs to a clinic: the administrator's own, set before validation.

    This makes “once per clinic” an error at the field and not a database error.
    """

    clinic_id: ClassVar[int]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.instance.clinic_id = self.clinic_id

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"clinic"}  # type: ignore[misc]


class OwnClinicAdmin(ClinicAdmin[M]):
    """Administration of rows that belong to one clinic, without showing which."""

    form = OwnClinicForm
    exclude = ("clinic",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form for the user's clinic. Django creates a new class for each request."""
        form: Any = super().get_form(request, obj, change=change, **options)
        form.clinic_id = self._who(request).clinic_id
        return form

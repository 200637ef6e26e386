"""Administration of reminders/: message templates can be edited, the rest is read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from reminders import wording
from reminders.kinds import KINDS
from reminders.models import DeliveryAttempt, MessageTemplate, OptOut, Reminder, StaffTask
from staff import phones
from staff.access import Permission
from staff.administration import ClinicAdmin


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ClinicAdmin[MessageTemplate]):
    """The clinic's own wordings. Wording that reveals the clinic's field is refused on saving."""

    may_view = Permission.CLINIC_MANAGE
    may_change = Permission.CLINIC_MANAGE
    may_delete = Permission.CLINIC_MANAGE  # the product's neutral wording takes over
    fields = ("kind", "channel", "language", "subject", "body", "preview", "product_wording", "changed_at")
    readonly_fields = ("preview", "product_wording", "changed_at")
    list_display = ("kind", "channel", "language", "preview", "changed_at")
    list_filter = ("channel", "language", "kind")
    search_fields = ("body", "subject")

    @admin.display(description="Preview")
    def preview(self, template: MessageTemplate) -> str:
        """The wording filled in with a sample."""
        if not template.body:
            return "Save to see the preview."
        try:
            text = wording.render(template.body, wording.SAMPLE)
        except (KeyError, ValueError):
            return "The variables don’t match."
        return f"{text} ({len(text)} characters)"

    @admin.display(description="Default wording")
    def product_wording(self, template: MessageTemplate) -> str:
        """The wording used if this is deleted."""
        return KINDS[template.kind or "client_appointment"].said.within(template.language)

    def save_model(self, request: HttpRequest, obj: MessageTemplate, form: Any, change: bool) -> None:
        """A wording belongs to the clinic of who keeps it."""
        if not change:
            obj.clinic = request.user.clinic  # type: ignore[union-attr]
        super().save_model(request, obj, form, change)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Check “one wording for each kind” within the clinic, which the form does not ask for."""
        form = super().get_form(request, obj, change, **kwargs)
        clinic = request.user.clinic  # type: ignore[union-attr]

        class InClinic(form):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **inner: Any) -> None:
                super().__init__(*args, **inner)
                self.instance.clinic = clinic

            def _get_validation_exclusions(self) -> set[str]:
                excluded: set[str] = super()._get_validation_exclusions()
                return excluded - {"clinic"}

        return InClinic


class DeliveryAttemptInline(admin.TabularInline):
    """Each try."""

    model = DeliveryAttempt
    extra = 0
    can_delete = False
    fields = readonly_fields = ("number", "started_at", "finished_at", "channel", "outcome", "detail")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Anyone who sees the reminder sees its attempts."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Tries are made by workers."""
        return False


@admin.register(Reminder)
class ReminderAdmin(ClinicAdmin[Reminder]):
    """The outbox, to look at. Calling off and trying again have their own page."""

    may_view = Permission.REMINDER_MANAGE
    list_display = ("due_at", "kind", "client", "staff_member", "channel", "state", "reason", "attempts")
    list_filter = ("state", "kind", "channel", "due_at")
    list_select_related = ("client", "staff_member")
    search_fields = ("dedupe_key", "client__family_name", "staff_member__family_name")
    ordering = ("-due_at",)
    inlines = (DeliveryAttemptInline,)


@admin.register(OptOut)
class OptOutAdmin(ClinicAdmin[OptOut]):
    """Opted-out numbers and addresses, read-only."""

    may_view = Permission.REMINDER_MANAGE
    list_display = ("contact", "words", "received_at", "confirmed_at", "lifted_at")
    list_filter = ("received_at", "lifted_at")
    search_fields = ("contact_value", "words")

    @admin.display(description="Number or address", ordering="contact_value")
    def contact(self, opt_out: OptOut) -> str:
        """As staff read it."""
        return phones.spoken(opt_out.contact_value)


@admin.register(StaffTask)
class StaffTaskAdmin(ClinicAdmin[StaffTask]):
    """Tasks for people in place of messages, read-only."""

    may_view = Permission.REMINDER_MANAGE
    list_display = ("created_at", "client", "sentence", "done_at", "done_by")
    list_filter = ("created_at", "done_at")
    list_select_related = ("client", "done_by")
    search_fields = ("sentence", "client__family_name")

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "groups"
    verbose_name = "Groups"
    # What stands in them is of the present: rows are taken out again (staff/table_rights.py).
    rows_may_go = (
        "groups_sessionfacilitator",
        "groups_groupfacilitator",
    )

    def ready(self) -> None:
        """Register the thresholds that a clinic can change."""
        from . import thresholds  # noqa: F401

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "groups"
    verbose_name = "Groups"

    def ready(self) -> None:
        """Register the thresholds that a clinic can change."""
        from . import thresholds  # noqa: F401

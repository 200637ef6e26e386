from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = "The case record"

    def ready(self) -> None:
        """Declare the thresholds that a clinic may change."""
        from cases.placement import thresholds  # noqa: F401

        from .episodes import review_thresholds  # noqa: F401

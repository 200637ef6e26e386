from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = "The case record"

    def ready(self) -> None:
        """Declare the thresholds that a clinic may change."""
        from cases.episodes import review_thresholds  # noqa: F401
        from cases.intake import offers, priority  # noqa: F401
        from cases.placement import thresholds  # noqa: F401
        from cases.teds import data_sets  # noqa: F401

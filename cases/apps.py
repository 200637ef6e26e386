from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = "The case record"
    # What stands in them is of the present: rows are taken out again (staff/table_rights.py).
    rows_may_go = (
        "cases_datasetsubstance",
        "cases_episodedataset",
        "cases_relapsesubstance",
        "cases_relapsecoping",
        "cases_relapse_triggers",
        "cases_relapse_warning_signs",
    )

    def ready(self) -> None:
        """Declare the thresholds that a clinic may change."""
        from cases.episodes import review_thresholds  # noqa: F401
        from cases.intake import offers, priority  # noqa: F401
        from cases.placement import thresholds  # noqa: F401
        from cases.teds import data_sets  # noqa: F401

from django.apps import AppConfig


class CounselingConfig(AppConfig):
    name = "counseling"
    verbose_name = "Counseling"
    # What stands in them is of the present: rows are taken out again (staff/table_rights.py).
    rows_may_go = (
        "counseling_dischargeplan_triggers",
        "counseling_dischargeplan_warning_signs",
        "counseling_dischargeplan_strategies",
        "counseling_measurerule",
        "counseling_notemention",
        "counseling_sessionnote_goals",
        "counseling_sessionnote_objectives",
        "counseling_sessionkindrule",
    )
    rows_go_on = ("counseling_integritycheck",)  # a check that takes several slices

    def ready(self) -> None:
        """Register the app's thresholds, for the admin and the seed, and its evidence about learned items."""
        from counseling import thresholds  # noqa: F401
        from counseling.carry_over import learned  # noqa: F401

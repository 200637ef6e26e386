from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = "Clinic and staff"
    # What stands in them is of the present: rows are taken out again (staff/table_rights.py).
    rows_may_go = (
        "staff_session",
        "staff_signinlimit",
        "staff_clinicthreshold",
        "staff_staffmember_programs",
    )

    def ready(self) -> None:
        """Declare the threshold of sessions, and the checks of the database."""
        from staff import checks, sessions  # noqa: F401

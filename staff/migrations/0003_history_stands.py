from django.db import migrations

from staff.immutability import append_only

# The triggers that pghistory makes can be switched off by a session variable and do not see TRUNCATE; these have no switch and do.
HISTORY = (
    "staff_clinicevent",
    "staff_clinicthresholdevent",
    "staff_programevent",
    "staff_staffmemberevent",
)


class Migration(migrations.Migration):
    dependencies = [("staff", "0002_audit_chain")]

    operations = [append_only(table) for table in HISTORY]

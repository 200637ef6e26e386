from django.db import migrations

from staff.immutability import append_only

# The triggers that pghistory makes can be switched off by a session variable and do not see TRUNCATE; these have no switch and do.
HISTORY = (
    "cases_careteammemberevent",
    "cases_clientevent",
    "cases_clientmergeevent",
    "cases_contactpointevent",
    "cases_copingstrategyevent",
    "cases_inquiryevent",
    "cases_learnedjoinevent",
    "cases_levelofcareassessmentevent",
    "cases_levelofcareperiodevent",
    "cases_relapsecopingevent",
    "cases_relapseevent",
    "cases_relapsesubstanceevent",
    "cases_sobrietystatementevent",
    "cases_treatmentepisodeevent",
    "cases_triggerevent",
    "cases_warningsignevent",
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_worded_twice")]

    operations = [append_only(table) for table in HISTORY]

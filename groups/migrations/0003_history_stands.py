from django.db import migrations

from staff.immutability import append_only

# The triggers that pghistory makes can be switched off by a session variable and do not see TRUNCATE; these have no switch and do.
HISTORY = (
    "groups_attendanceaddendumevent",
    "groups_attendanceevent",
    "groups_groupevent",
    "groups_groupfacilitatorevent",
    "groups_groupsessionevent",
    "groups_keepapartevent",
    "groups_membershipevent",
    "groups_mentorpairingevent",
    "groups_mentorstepevent",
    "groups_mentortermevent",
    "groups_sessionfacilitatorevent",
)


class Migration(migrations.Migration):
    dependencies = [("groups", "0002_what_stays_as_it_is")]

    operations = [append_only(table) for table in HISTORY]

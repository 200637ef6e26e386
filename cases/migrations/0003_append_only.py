from django.db import migrations

from staff.immutability import append_only, stands_but_for_merges

GROWS_ONLY = (
    "cases_continuedstayreview",
    "cases_measuresetaside",
    "cases_medicalevaluation",
    "cases_tolerancewarning",
)
HISTORY = (
    "cases_naloxonekitevent",
    "cases_clientrestrictionevent",
    "cases_careteammemberevent",
    "cases_clientevent",
    "cases_clientmergeevent",
    "cases_contactpointevent",
    "cases_copingstrategyevent",
    "cases_datasetsubstanceevent",
    "cases_episodedatasetevent",
    "cases_inquiryevent",
    "cases_learnedjoinevent",
    "cases_levelofcareassessmentevent",
    "cases_levelofcareperiodevent",
    "cases_relapsecopingevent",
    "cases_relapseevent",
    "cases_relapsesubstanceevent",
    "cases_relapsetriggerevent",
    "cases_relapsewarningsignevent",
    "cases_sobrietystatementevent",
    "cases_statecodeevent",
    "cases_tolddeclinedevent",
    "cases_treatmentepisodeevent",
    "cases_triggerevent",
    "cases_warningsignevent",
)
SAFETY_EVALUATIONS = stands_but_for_merges("cases_safetyevaluation", called="safety evaluation", merges="cases_clientmerge")


class Migration(migrations.Migration):
    """Tables that only grow: evaluations, reviews and history."""

    dependencies = [("cases", "0002_rules_across_rows")]

    operations = [
        SAFETY_EVALUATIONS,
        *(append_only(table) for table in (*GROWS_ONLY, *HISTORY)),
    ]

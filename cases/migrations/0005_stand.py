from django.db import migrations

from staff.immutability import changes_only, moves_in_merges

MERGES = "cases_clientmerge"
IS_BEING_UNDONE = "OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL"
# What a merge did to a row of the care team, its undoing takes back: `moved` names row and column.
IN_A_MERGE = """EXISTS (
    SELECT FROM cases_clientmerge m
    WHERE m.undone_at IS NULL AND (
        m.moved = '{}' AND m.absorb_id = OLD.client_id
        OR m.moved -> 'changes' @> jsonb_build_array(jsonb_build_array('cases.CareTeamMember', OLD.id, '%s')))
)"""
IS_VOIDED = "OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL"
IS_LIFTED = "OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL"


class Migration(migrations.Migration):
    """Merges, the care team, returns to use, restrictions and kits stay on record: who could read what, and why, is never rewritten."""

    dependencies = [("cases", "0004_care_team_of_one_clinic")]

    operations = [
        changes_only(
            MERGES,
            called="merge",
            columns={
                "moved": f"(OLD.moved = '{{}}' AND NEW.undone_at IS NULL) OR ({IS_BEING_UNDONE} AND NEW.moved @> OLD.moved)",
                "undone_at": IS_BEING_UNDONE,
                "undone_by_id": IS_BEING_UNDONE,
            },
        ),
        changes_only(
            "cases_careteammember",
            called="care team membership",
            columns={
                "client_id": moves_in_merges(MERGES),
                "ends_at": "(OLD.ends_at IS NULL OR NEW.ends_at < OLD.ends_at) OR " + IN_A_MERGE % "ends_at",
                "part": IN_A_MERGE % "part",
            },
        ),
        changes_only(
            "cases_relapse",
            called="return to use",
            columns={"id": "FALSE", "client_id": moves_in_merges(MERGES), "recorded_by_id": "FALSE"},
            others_may=True,  # it is amended as more becomes known; its history keeps each version
        ),
        changes_only(
            "cases_clientrestriction",
            called="restriction",
            columns={
                "client_id": moves_in_merges(MERGES),
                "lifted_at": IS_LIFTED,
                "lifted_by_id": IS_LIFTED,
                "lift_reason": IS_LIFTED,
            },
        ),
        # A kit stays on record as it was given; it can be marked, once, as entered by mistake.
        changes_only(
            "cases_naloxonekit",
            called="naloxone kit",
            columns={
                "client_id": moves_in_merges(MERGES),
                "voided_at": IS_VOIDED,
                "voided_by_id": IS_VOIDED,
                "void_reason": IS_VOIDED,
            },
        ),
    ]

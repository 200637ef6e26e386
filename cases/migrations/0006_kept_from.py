from django.db import migrations

# Whose records are kept from a reader (cases.models.visibility): those who restricted them, with the records merged into
# theirs, but for charts that the reader has opened for a medical emergency (45 CFR 164.522(a)(1)(iii), 42 CFR 2.26(a)(3)).
KEPT_FROM = migrations.RunSQL(
    sql="""
        CREATE FUNCTION cases_kept_from(reader bigint, at timestamptz) RETURNS bigint[]
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
            WITH RECURSIVE kept AS (
                SELECT r.client_id AS id FROM cases_clientrestriction r
                WHERE r.staff_member_id = reader AND r.lifted_at IS NULL AND r.starts_at <= at
                    AND NOT EXISTS (
                        SELECT FROM cases_careteammember t
                        WHERE t.staff_member_id = reader AND t.client_id = r.client_id
                            AND t.part = 'emergency' AND t.starts_at <= at AND t.ends_at > at
                    )
                UNION
                SELECT c.id FROM cases_client c JOIN kept ON c.merged_into_id = kept.id
            )
            SELECT coalesce(array_agg(id), '{}') FROM kept
        $$;
    """,
    reverse_sql="DROP FUNCTION cases_kept_from(bigint, timestamptz);",
)


class Migration(migrations.Migration):
    """Whose records a client's own restriction keeps from a reader, by one function for every query."""

    dependencies = [("cases", "0005_stand")]

    operations = [
        KEPT_FROM,
    ]

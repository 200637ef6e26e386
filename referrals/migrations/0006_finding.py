from django.contrib.postgres.indexes import GistIndex
from django.contrib.postgres.operations import CreateExtension
from django.db import migrations, models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Concat, Cos, NullIf, Radians, Sin

from referrals.models.directory import PositionField

# The first moment at or after `since` at which a weekly meeting starts, on the clock of its own place.
# Where clocks go back, a time that comes twice means the first; PostgreSQL takes the second. Once the first has begun,
# the next one is a week later, though the clock will show the same time again. (Lord Howe goes back by half an hour.)
# Where clocks go forward, a time that does not come means as long after midnight as it would have been: 2:30 AM is
# 3:30 AM by the new clock. A function, and in PL/pgSQL: each step is computed once, not wherever its name stands.
NEXT_START = migrations.RunSQL(
    sql="""
        CREATE FUNCTION referrals_next_start(weekday smallint, start time, zone text, since timestamptz)
        RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
        DECLARE
            today date := (since AT TIME ZONE zone)::date;
            wall timestamp := today + (weekday - extract(dow FROM today)::int + 7) % 7 + start;
            instant timestamptz;
        BEGIN
            FOR week IN 0..1 LOOP
                instant := wall AT TIME ZONE zone;
                IF (instant - interval '1 hour') AT TIME ZONE zone = wall THEN
                    instant := instant - interval '1 hour';
                ELSIF (instant - interval '30 minutes') AT TIME ZONE zone = wall THEN
                    instant := instant - interval '30 minutes';
                END IF;
                EXIT WHEN instant >= since;
                wall := wall + interval '7 days';
            END LOOP;
            RETURN instant;
        END $$;
    """,
    reverse_sql="DROP FUNCTION referrals_next_start(smallint, time, text, timestamptz)",
)

# Where in the week of UTC it starts, in minutes since Thursday 0:00, as the epoch counts them: halfway between that of
# January and that of July. Clocks that change are half an hour off it all year: enough to look hours up in an index.
WEEK_MINUTE = migrations.RunSQL(
    sql="""
        CREATE FUNCTION referrals_week_minute(weekday smallint, start time, zone text)
        RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT mod(((
                extract(epoch FROM ((date '2026-01-04' + weekday::int + start) AT TIME ZONE zone) AT TIME ZONE 'UTC')
                + extract(epoch FROM ((date '2026-07-05' + weekday::int + start) AT TIME ZONE zone) AT TIME ZONE 'UTC')
                - 26 * 7 * 86400
            ) / 120)::bigint, 10080)::integer
        $$;
    """,
    reverse_sql="DROP FUNCTION referrals_week_minute(smallint, time, text)",
)

# Whether people who take medication for their recovery are welcome: the fellowship's own statement, or the meeting's.
WELCOMES_MEDICATION = migrations.RunSQL(
    sql=r"""
        CREATE FUNCTION referrals_welcomes_medication(fellowship text, said text)
        RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT fellowship IN ('mara', 'smart', 'lifering') OR (
                said ~* '(\m(MAT|MOUD)\M|medication|methadone|suboxone|buprenorphine)' AND EXISTS (
                    SELECT FROM regexp_replace(said, '\m(MAT|MOUD)\M', 'medication', 'g') AS s
                    WHERE (
                        s ~* ('(medications?|methadone|suboxone|buprenorphine)[- /]*(assisted (recovery|treatment) )?(and |or )?\w*[- ]?'
                            '(friendly|welcome|welcoming|supportive|supported|positive|inclusive|affirming)')
                        OR s ~* ('(welcom\w*|supports?|supportive of|open to|friendly to) (\w+ ){0,3}'
                            '(medication|methadone|suboxone)')
                        OR s ~* ('(medications?|methadone|suboxone)( \w+){0,2} (is|are) (always )?'
                            '(welcome|friendly|supported)')
                    )
                    AND s !~* '\m(not|non|no|never|isn.?t|aren.?t)[- ]+(\w+ )?(medication|methadone|suboxone)'
                    AND s !~* '(medications?|methadone|suboxone)( \w+){0,2} (is|are) (not|never)\M'
                    AND s !~* '\mnot (\w+ )?(welcom|support|friendly|open)'
                )
            )
        $$;
    """,
    reverse_sql="DROP FUNCTION referrals_welcomes_medication(text, text)",
)


ON_THE_SPHERE = Func(
    Cos(Radians("latitude")) * Cos(Radians("longitude")),
    Cos(Radians("latitude")) * Sin(Radians("longitude")),
    Sin(Radians("latitude")),
    output_field=PositionField(),
    template="cube(ARRAY[%(expressions)s])",
)
LOCATED = Q(attendance__in=["in_person", "hybrid"]) & Q(latitude__isnull=False, longitude__isnull=False)


class Migration(migrations.Migration):
    """Meetings are found by nearness, by the hours of the week and by what they say of medication, each by index."""

    dependencies = [("referrals", "0005_feeds_kept_up")]

    operations = [
        CreateExtension("cube"),
        NEXT_START,
        WEEK_MINUTE,
        WELCOMES_MEDICATION,
        migrations.RemoveIndex("Meeting", "meeting_by_position"),
        migrations.RemoveField("Meeting", "position"),
        migrations.AddField(
            "Meeting",
            "position",
            models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(LOCATED, then=ON_THE_SPHERE), default=None, output_field=PositionField()
                ),
                output_field=PositionField(),
            ),
        ),
        migrations.AddField(
            "Meeting",
            "week_minute",
            models.GeneratedField(
                db_persist=True,
                expression=Func(F("weekday"), F("start"), F("time_zone"), function="referrals_week_minute"),
                output_field=models.IntegerField(null=True),
            ),
        ),
        migrations.AddField(
            "Meeting",
            "welcomes_medication",
            models.GeneratedField(
                db_persist=True,
                expression=Func(
                    F("fellowship"),
                    Concat(
                        *("name", Value(". "), "notes", Value(". "), "group_name", Value(". "), "group_notes"),
                        *(Value(". "), "location_notes"),
                        output_field=models.TextField(),
                    ),
                    function="referrals_welcomes_medication",
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddIndex("Meeting", GistIndex(fields=["position"], name="meeting_by_position")),
        migrations.AddIndex(
            "Meeting",
            models.Index(condition=Q(retired_at=None), fields=["week_minute"], name="meeting_by_week_minute"),
        ),
        migrations.AddIndex(
            "Meeting",
            models.Index(condition=Q(retired_at=None), fields=["latitude", "longitude"], name="meeting_by_latitude"),
        ),
        migrations.AddIndex(
            "Meeting",
            models.Index(
                condition=Q(retired_at=None, welcomes_medication=True), fields=["fellowship"], name="meeting_medication"
            ),
        ),
        migrations.AddIndex(
            "Meeting",
            models.Index(
                F("feed"),
                Coalesce(NullIf("group_name", Value("")), "name"),
                condition=Q(retired_at=None),
                name="meeting_by_group",
            ),
        ),
    ]

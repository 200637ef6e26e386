"""Code lists of the case record. Values are granular; they are mapped to the TEDS public-use codes only at export."""

from django.db import models


class Substance(models.TextChoices):
    """TEDS SUB1–3, with opioids and stimulants split the way clinicians split them."""

    ALCOHOL = "alcohol", "Alcohol"
    COCAINE = "cocaine", "Cocaine or crack"
    CANNABIS = "cannabis", "Cannabis"
    HEROIN = "heroin", "Heroin"
    METHADONE_NON_RX = "methadone", "Methadone, not prescribed"
    FENTANYL = "fentanyl", "Fentanyl"
    OTHER_OPIOIDS = "opioids", "Other opioids"
    PCP = "pcp", "PCP"
    HALLUCINOGENS = "hallucinogens", "Hallucinogens"
    METHAMPHETAMINE = "methamphetamine", "Methamphetamine"
    OTHER_AMPHETAMINES = "amphetamines", "Other amphetamines"
    OTHER_STIMULANTS = "stimulants", "Other stimulants"
    BENZODIAZEPINES = "benzodiazepines", "Benzodiazepines"
    OTHER_TRANQUILIZERS = "tranquilizers", "Other tranquilizers"
    BARBITURATES = "barbiturates", "Barbiturates"
    OTHER_SEDATIVES = "sedatives", "Other sedatives or hypnotics"
    INHALANTS = "inhalants", "Inhalants"
    OVER_THE_COUNTER = "otc", "Over-the-counter medications"
    OTHER = "other", "Other"


OPIOIDS = frozenset({Substance.HEROIN, Substance.METHADONE_NON_RX, Substance.FENTANYL, Substance.OTHER_OPIOIDS})
SEDATIVES = frozenset(
    {
        Substance.BENZODIAZEPINES,
        Substance.OTHER_TRANQUILIZERS,
        Substance.BARBITURATES,
        Substance.OTHER_SEDATIVES,
    }
)


class Route(models.TextChoices):
    """TEDS ROUTE."""

    ORAL = "oral", "By mouth"
    SMOKING = "smoking", "Smoked"
    INHALATION = "inhalation", "Snorted or inhaled"
    INJECTION = "injection", "Injected"
    OTHER = "other", "Other route"


class Precision(models.TextChoices):
    """How exactly a date is known. Month or year precision is shown as “about” and celebrates no milestones."""

    DAY = "day", "Exact day"
    MONTH = "month", "Month only"
    YEAR = "year", "Year only"
    UNKNOWN = "unknown", "Not known"


class Source(models.TextChoices):
    """Who or what a fact came from."""

    CLIENT = "client", "The client"
    COLLATERAL = "collateral", "Family or friend"
    TEST = "test", "Test result"


class RelapseKind(models.TextChoices):
    """The clinician's judgment of a return to use; never computed."""

    LAPSE = "lapse", "Lapse (a brief slip)"
    RELAPSE = "relapse", "Relapse (use returned toward earlier levels)"
    UNDETERMINED = "undetermined", "Not determined yet"


class HighRiskSituation(models.TextChoices):
    """High-risk situations in Marlatt's taxonomy: five within the person, three between people."""

    NEGATIVE_EMOTIONS = "negative_emotions", "Unpleasant emotions"
    NEGATIVE_PHYSICAL = "negative_physical", "Pain, illness or physical discomfort"
    POSITIVE_EMOTIONS = "positive_emotions", "Pleasant emotions"
    TESTING_CONTROL = "testing_control", "Testing personal control"
    URGES = "urges", "Urges and temptations"
    CONFLICT = "conflict", "Conflict with others"
    SOCIAL_PRESSURE = "social_pressure", "Social pressure"
    PLEASANT_TIMES = "pleasant_times", "Pleasant times with others"


class WarningSignCategory(models.TextChoices):
    """Where a warning sign shows first."""

    THOUGHTS = "thoughts", "Thoughts"
    FEELINGS = "feelings", "Feelings"
    BODY = "body", "Body and sleep"
    ROUTINES = "routines", "Routines slipping"
    ISOLATION = "isolation", "Isolating from people"
    STOPPED_SUPPORT = "stopped_support", "Stopped meetings, groups or medication"
    PLACES_PEOPLE = "places_people", "Going back to places or people"


class CopingOutcome(models.TextChoices):
    """The result of trying a coping strategy."""

    HELPED = "helped", "Helped"
    PARTLY = "partly", "Helped partly"
    DID_NOT = "did_not", "Did not help"


class DischargeReason(models.TextChoices):
    """TEDS REASON, in more detail: transfers and departures are split by who decided."""

    COMPLETED = "completed", "Completed the program"
    LEFT = "left", "Left before completion"
    ENDED_BY_CLINIC = "ended_by_clinic", "Administrative discharge"
    TRANSFERRED = "transferred", "Transferred to another provider"
    INCARCERATED = "incarcerated", "Incarcerated"
    DIED = "died", "Died"
    OTHER = "other", "Other reason"


class PresentingReason(models.TextChoices):
    """Why someone is entering care now."""

    FIRST_TIME = "first_time", "First time in treatment"
    RETURN_AFTER_TREATMENT = "return", "Returning after treatment"
    STEP_DOWN = "step", "Moving to another level of care"


class MedicationStatus(models.TextChoices):
    """Status of medication for addiction treatment at the time."""

    NONE = "none", "None prescribed"
    AS_PRESCRIBED = "as_prescribed", "Taken as prescribed"
    STOPPED = "stopped", "Stopped before the return to use"
    MISSED = "missed", "Doses missed"
    UNKNOWN = "unknown", "Not known"

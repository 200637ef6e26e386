"""Code lists of counseling."""

from django.db import models


class ShippedFormat(models.TextChoices):
    """Note formats that come with the product. A clinic's own ones are rows (models/format.py)."""

    SOAP = "soap", "SOAP"
    DAP = "dap", "DAP"
    BIRP = "birp", "BIRP"
    GIRP = "girp", "GIRP"


class Modality(models.TextChoices):
    """The kind of session."""

    INDIVIDUAL = "individual", "Individual session"
    FAMILY = "family", "Family session"
    COUPLE = "couple", "Couple session"
    CRISIS = "crisis", "Crisis contact"
    CASE_MANAGEMENT = "case_management", "Case management"
    INTAKE = "intake", "Intake session"


class Place(models.TextChoices):
    """Where the session took place."""

    CLINIC = "clinic", "At the clinic"
    VIDEO = "video", "Telehealth, by video"
    PHONE = "phone", "Telehealth, by phone"
    HOME = "home", "At the client's home"
    COMMUNITY = "community", "In the community"


class RiskScreen(models.TextChoices):
    """The clinician's finding on risk of suicide, violence and overdose in this session."""

    NOT_DONE = "", "Not screened"
    NO_CONCERN = "no_concern", "Screened, no concerns"
    LOW = "low", "Low"
    MODERATE = "moderate", "Moderate"
    HIGH = "high", "High"


class GoalStatus(models.TextChoices):
    """Status of a goal or an objective."""

    ACTIVE = "active", "Active"
    MET = "met", "Met"
    SET_ASIDE = "set_aside", "Discontinued"
    REPLACED = "replaced", "Replaced"


class CarryOverKind(models.TextChoices):
    """Kinds of carry-over items, in the order of the board."""

    SAFETY_PLAN = "safety_plan", "Safety plan"
    DISCHARGE_PLAN = "discharge_plan", "Discharge plan"
    TRIGGER = "trigger", "Triggers"
    WARNING_SIGN = "warning_sign", "Warning signs"
    STRATEGY = "strategy", "Coping strategies"
    GOAL = "goal", "Open goals"
    HOMEWORK = "homework", "Homework to review"
    MUTUAL_HELP = "mutual_help", "Mutual-help history"


class Verdict(models.TextChoices):
    """The decision on a carry-over item."""

    HELD = "held", "Held up"
    DID_NOT_HOLD = "did_not_hold", "Did not hold up"
    NEVER_USED = "never_used", "Not used"
    NO_LONGER_TRUE = "no_longer_true", "No longer current"


class Instrument(models.TextChoices):
    """Standard measures. Names only; item text ships only where its owner allows it (counseling/instruments.py)."""

    PHQ9 = "phq-9", "PHQ-9"
    GAD7 = "gad-7", "GAD-7"
    AUDIT = "audit", "AUDIT"
    AUDIT_C = "audit-c", "AUDIT-C"
    DAST10 = "dast-10", "DAST-10"
    BAM = "bam", "BAM"
    CSSRS = "c-ssrs", "C-SSRS screener"
    COWS = "cows", "COWS"
    CIWA_AR = "ciwa-ar", "CIWA-Ar"
    BARC10 = "barc-10", "BARC-10"


class CareGroup(models.TextChoices):
    """Levels of care with the same measures and due dates."""

    WITHDRAWAL = "withdrawal", "Withdrawal management"
    MEDICAL = "medical", "24-hour medically managed"
    RESIDENTIAL = "residential", "Residential"
    DAY = "day", "Intensive outpatient (IOP) and partial hospitalization (PHP)"
    OUTPATIENT = "outpatient", "Outpatient"


# Signs that a clinician observes, and questions asked by someone who can act on the answer at once: never
# handed to the client to fill in.
ASKED_BY_A_CLINICIAN = (Instrument.CSSRS.value, Instrument.COWS.value, Instrument.CIWA_AR.value)


class NoReturn(models.TextChoices):
    """Why use that a measure reports needs no return-to-use record."""

    ON_RECORD = "on_record", "Already on record under other dates"
    PRESCRIBED = "prescribed", "Taken as prescribed"
    BEFORE = "before", "Before treatment began"
    MISTAKE = "mistake", "Wrong answer selected"
    OTHER = "other", "Something else"


class HandoverEnd(models.TextChoices):
    """How a tablet session ended."""

    FINISHED = "finished", "Finished by client"
    TAKEN_BACK = "taken_back", "Ended by staff"
    TIMED_OUT = "timed_out", "Timed out"


class Progress(models.TextChoices):
    """Progress on a goal since the last plan review."""

    BETTER = "better", "Better"
    SAME = "same", "About the same"
    WORSE = "worse", "Worse"
    MET = "met", "Met"


class PlanSigner(models.TextChoices):
    """Who signed a plan."""

    CLIENT = "client", "Client"
    COUNSELOR = "counselor", "Counselor"


class HomeworkOutcome(models.TextChoices):
    """Outcome of homework, decided at its review."""

    DONE = "done", "Done"
    PARTLY = "partly", "Partly done"
    NOT_DONE = "not_done", "Not done"
    LET_GO = "let_go", "Dropped"

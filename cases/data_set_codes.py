"""Choices for admission and discharge data, at the level of detail clinicians use.

Nothing here is a reporting code: cases.teds maps each choice to one when it is exported.
"""

from django.db import models


class Point(models.TextChoices):
    """When in the episode the data set was taken."""

    ADMISSION = "admission", "Admission"
    DISCHARGE = "discharge", "Discharge"


class ReferralSource(models.TextChoices):
    """Who referred the person, including self-referral."""

    SELF = "self", "Self"
    FAMILY = "family", "Family or friend"
    TREATMENT_PROVIDER = "treatment", "Another provider of substance use treatment"
    HOSPITAL = "hospital", "Hospital or emergency department"
    PRIMARY_CARE = "primary_care", "Primary care or another medical office"
    MENTAL_HEALTH = "mental_health", "Mental health provider"
    SCHOOL = "school", "School or college"
    EMPLOYER = "employer", "Employer or an employee assistance program"
    SOCIAL_SERVICES = "social_services", "Social services or child welfare"
    SHELTER = "shelter", "Shelter or housing service"
    MUTUAL_HELP = "mutual_help", "Mutual-help group"
    FAITH = "faith", "Faith community"
    COMMUNITY = "community", "Other community service"
    DRUG_COURT = "drug_court", "Drug court or another treatment court"
    COURT = "court", "Other court, or diversion"
    PROBATION = "probation", "Probation or parole"
    PRISON = "prison", "Jail or prison"
    DRIVING = "driving", "DUI/DWI"


class Employment(models.TextChoices):
    """Employment status."""

    FULL_TIME = "full_time", "Works full time"
    PART_TIME = "part_time", "Works part time"
    LOOKING = "looking", "Not working, looking for work"
    LAID_OFF = "laid_off", "Laid off, awaiting recall"
    STUDENT = "student", "Student"
    HOMEMAKER = "homemaker", "Homemaker or caregiver"
    RETIRED = "retired", "Retired"
    DISABLED = "disabled", "Unable to work (disability)"
    INSTITUTION = "institution", "Resident of an institution"
    NOT_WORKING = "not_working", "Not in labor force, other"


class LivingArrangement(models.TextChoices):
    """Living arrangement."""

    UNSHELTERED = "unsheltered", "Unsheltered (outdoors, car)"
    SHELTER = "shelter", "Shelter"
    NO_FIXED_PLACE = "no_fixed_place", "No fixed address (couch surfing)"
    MINOR_AT_HOME = "minor_at_home", "Under 18, with parents, relatives or a guardian"
    FOSTER = "foster", "Foster care"
    SUPERVISED = "supervised", "Residential care or group home"
    RECOVERY_RESIDENCE = "recovery_residence", "Recovery residence or halfway house"
    INSTITUTION = "institution", "Jail, prison, hospital or other institution"
    OWN_HOME = "own_home", "Own home, rented or owned"
    WITH_FAMILY = "with_family", "With family (adult)"
    WITH_FRIENDS = "with_friends", "With friends or roommates"


NO_SUBSTANCE = "none"  # someone said that there is no (further) one; nothing recorded is something else


class Element(models.TextChoices):
    """Elements of the export that have a code list; a state's own codes name the element that they belong to."""

    SERVICES = "SERVICES", "Type of service"
    DAYWAIT = "DAYWAIT", "Days waited"
    NOPRIOR = "NOPRIOR", "Earlier treatment episodes"
    PSOURCE = "PSOURCE", "Referral source"
    METHUSE = "METHUSE", "Medication for opioid use disorder planned"
    EMPLOY = "EMPLOY", "Employment"
    LIVARAG = "LIVARAG", "Living arrangement"
    ARRESTS = "ARRESTS", "Arrests in the past 30 days"
    MUTUAL_HELP = "FREQ_ATND_SELF_HELP", "Mutual-help meetings in the past 30 days"
    SUBSTANCE = "SUB", "Substance"
    ROUTE = "ROUTE", "Route"
    FREQUENCY = "FREQ", "Frequency of use"
    FIRST_USE = "FRSTUSE", "Age at first use"
    REASON = "REASON", "Reason for discharge"

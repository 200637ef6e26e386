"""Code lists of the data set of an admission and a discharge, as finely as a clinician tells things apart.

Nothing here is a reporting code: cases.teds maps each choice to one when it is exported.
"""

from django.db import models


class Point(models.TextChoices):
    """When in the episode the data set was taken."""

    ADMISSION = "admission", "Admission"
    DISCHARGE = "discharge", "Discharge"


class ReferralSource(models.TextChoices):
    """Who sent the person, or that they came by themselves."""

    SELF = "self", "Came by themselves"
    FAMILY = "family", "Family or a friend"
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
    COMMUNITY = "community", "Another service in the community"
    DRUG_COURT = "drug_court", "Drug court or another treatment court"
    COURT = "court", "Another court, or instead of prosecution"
    PROBATION = "probation", "Probation or parole"
    PRISON = "prison", "Jail or prison"
    DRIVING = "driving", "After driving under the influence"


class Employment(models.TextChoices):
    """What somebody lives their days by."""

    FULL_TIME = "full_time", "Works full time"
    PART_TIME = "part_time", "Works part time"
    LOOKING = "looking", "Not working, looking for work"
    LAID_OFF = "laid_off", "Laid off, waiting to be called back"
    STUDENT = "student", "Student"
    HOMEMAKER = "homemaker", "Keeps house or looks after somebody"
    RETIRED = "retired", "Retired"
    DISABLED = "disabled", "Not able to work because of a disability"
    INSTITUTION = "institution", "In an institution that keeps them from working"
    NOT_WORKING = "not_working", "Not working and not looking, another reason"


class LivingArrangement(models.TextChoices):
    """Where somebody sleeps."""

    UNSHELTERED = "unsheltered", "Outdoors, in a car or another place not meant for it"
    SHELTER = "shelter", "Shelter"
    NO_FIXED_PLACE = "no_fixed_place", "Here and there, no fixed address"
    MINOR_AT_HOME = "minor_at_home", "Under 18, with parents, relatives or a guardian"
    FOSTER = "foster", "Foster care"
    SUPERVISED = "supervised", "Supervised or residential care, a group home"
    RECOVERY_RESIDENCE = "recovery_residence", "Recovery residence or halfway house"
    INSTITUTION = "institution", "Jail, prison, hospital or another institution"
    OWN_HOME = "own_home", "Own home, rented or owned"
    WITH_FAMILY = "with_family", "Adult, with family"
    WITH_FRIENDS = "with_friends", "With friends or housemates"


NO_SUBSTANCE = "none"  # somebody said that there is no (further) one; nothing recorded is something else


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

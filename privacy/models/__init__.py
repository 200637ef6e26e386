"""Consents, disclosures, who opened which chart, and emergency access."""

from .access import ChartAccess, EmergencyAccess
from .access_report import AccessReport
from .agreement import ServiceAgreement
from .asked import AskedAbout, MinorConsentAge
from .audit import AuditAcknowledgment, AuditCheck, AuditFault, AuditFinding
from .breach import Breach, BreachAssessment, BreachClient, BreachNotice, BreachStep
from .consent import Channel, Consent, ConsentStatus, Stands
from .disclosure import Disclosure, DisclosureReview
from .given import RecordGiven
from .hold import LegalHold
from .list_access import ListAccess
from .look_up import EmergencyLookUp
from .recipient import KnownRecipient
from .request_step import RequestStep
from .suspension import AccountingSuspension
from .unusual import UnusualAccess, UnusualAccessReview

__all__ = [
    "AccessReport",
    "AccountingSuspension",
    "AskedAbout",
    "AuditAcknowledgment",
    "AuditCheck",
    "AuditFault",
    "AuditFinding",
    "Breach",
    "BreachAssessment",
    "BreachClient",
    "BreachNotice",
    "BreachStep",
    "Channel",
    "ChartAccess",
    "Consent",
    "ConsentStatus",
    "Disclosure",
    "DisclosureReview",
    "EmergencyAccess",
    "EmergencyLookUp",
    "KnownRecipient",
    "LegalHold",
    "ListAccess",
    "MinorConsentAge",
    "RecordGiven",
    "RequestStep",
    "ServiceAgreement",
    "Stands",
    "UnusualAccess",
    "UnusualAccessReview",
]

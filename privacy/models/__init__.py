"""Consents, disclosures, who opened which chart, and emergency access."""

from .access import ChartAccess, EmergencyAccess
from .access_report import AccessReport
from .asked import AskedAbout, MinorConsentAge
from .audit import AuditAcknowledgement, AuditCheck, AuditFault, AuditFinding
from .consent import Channel, Consent, ConsentStatus, Stands
from .disclosure import Disclosure
from .list_access import ListAccess
from .look_up import EmergencyLookUp
from .recipient import KnownRecipient
from .unusual import UnusualAccess, UnusualAccessReview

__all__ = [
    "AccessReport",
    "AskedAbout",
    "AuditAcknowledgement",
    "AuditCheck",
    "AuditFault",
    "AuditFinding",
    "Channel",
    "ChartAccess",
    "Consent",
    "ConsentStatus",
    "Disclosure",
    "EmergencyAccess",
    "EmergencyLookUp",
    "KnownRecipient",
    "ListAccess",
    "MinorConsentAge",
    "Stands",
    "UnusualAccess",
    "UnusualAccessReview",
]

"""Consents, disclosures, who opened which chart, and emergency access."""

from .access import ChartAccess, EmergencyAccess
from .asked import AskedAbout, MinorConsentAge
from .audit import AuditCheck, AuditFault, AuditFinding
from .consent import Channel, Consent, ConsentStatus, Stands
from .disclosure import Disclosure
from .given import RecordGiven
from .list_access import ListAccess
from .look_up import EmergencyLookUp
from .recipient import KnownRecipient
from .request_step import RequestStep

__all__ = [
    "AskedAbout",
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
    "RecordGiven",
    "RequestStep",
    "Stands",
]

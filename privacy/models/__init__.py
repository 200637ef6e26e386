"""Consents, disclosures, who opened which chart, and emergency access."""

from .access import ChartAccess, EmergencyAccess
from .consent import Channel, Consent, ConsentStatus, Stands
from .disclosure import Disclosure

__all__ = ["Channel", "ChartAccess", "Consent", "ConsentStatus", "Disclosure", "EmergencyAccess", "Stands"]

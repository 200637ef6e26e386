"""Clinics, their programs and the people who work in them; the audit log under everything."""

from .account_change import AccountChange
from .audit import AuditEntry, ChainMark
from .clinic import Clinic, Program
from .session import Session
from .staff_member import Role, StaffMember
from .threshold import ClinicThreshold

__all__ = [
    "AccountChange",
    "AuditEntry",
    "ChainMark",
    "Clinic",
    "ClinicThreshold",
    "Program",
    "Role",
    "Session",
    "StaffMember",
]

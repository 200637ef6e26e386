"""Clinics, their programs and the people who work in them; the audit log under everything."""

from .audit import AuditEntry, ChainMark
from .clinic import Clinic, Program
from .staff_member import Role, StaffMember
from .threshold import ClinicThreshold

__all__ = ["AuditEntry", "ChainMark", "Clinic", "ClinicThreshold", "Program", "Role", "StaffMember"]

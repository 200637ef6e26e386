"""Returns to use; the functions are in cases/recovery/."""

from cases.recovery.relapses import close, record

__all__ = ["close", "record"]

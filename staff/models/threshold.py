from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from staff.history import tracked

from .clinic import Clinic


@tracked
class ClinicThreshold(models.Model):
    """A clinic's own value for a number that the product only has a default for (tagged [D] in the clinical sheet)."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="thresholds")
    key = models.CharField(max_length=80)
    value = models.PositiveIntegerField()
    reason = models.CharField(max_length=200, help_text="Why this clinic’s value differs, and who decided it.")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("key",)
        constraints = [models.UniqueConstraint(fields=("clinic", "key"), name="threshold_once_per_clinic")]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it; who asks in the same request is told the new value."""
        from staff import thresholds

        super().save(*args, **kwargs)
        thresholds.forget()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Go back to the default, at once."""
        from staff import thresholds

        deleted = super().delete(*args, **kwargs)
        thresholds.forget()
        return deleted

    def clean(self) -> None:
        """Refuse keys that no rule reads and values outside the rule's range."""
        from staff.thresholds import registry

        threshold = registry.get(self.key)
        if threshold is None:
            raise ValidationError({"key": "This setting doesn’t exist."})
        if not threshold.lowest <= self.value <= threshold.highest:
            raise ValidationError(
                {"value": f"Enter a number from {threshold.lowest} to {threshold.highest} {threshold.unit}."}
            )

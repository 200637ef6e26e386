"""What appointments/ hands out of a client's record for a copy of their own (45 CFR 164.524; RECORD_SOURCES)."""

from __future__ import annotations

from appointments.models import Appointment, ContinuingCareChoice, FollowUpCall, NoShowContact
from cases.models import Client
from staff.record_part import Part, part


def parts(client: Client) -> list[Part]:
    """Appointments, what came of them, and the calls after a discharge."""
    return [
        part(
            "appointments",
            "Appointments",
            Appointment.objects.filter(client=client).prefetch_related("steps", "answers").order_by("starts_at", "pk"),
            but=("link", "outside_hours_reason", "overlap_reason", "inquiry"),
            also={"steps": ("Steps", _steps), "answers": ("Your answers to messages", _answers)},
            covers=("appointments.AppointmentStep", "appointments.AppointmentAnswer"),
        ),
        part(
            "missed_appointments",
            "After a missed appointment",
            NoShowContact.objects.filter(client=client).order_by("at", "pk"),
        ),
        part("follow_up_calls", "Calls after a discharge", FollowUpCall.objects.filter(client=client).order_by("pk")),
        part(
            "continuing_care",
            "How often you wanted to hear from us",
            ContinuingCareChoice.objects.filter(client=client).order_by("at", "pk"),
        ),
    ]


def _steps(row: Appointment) -> list[dict[str, object]]:
    return [{"step": each.get_step_display(), "at": each.at} for each in row.steps.all()]


def _answers(row: Appointment) -> list[dict[str, object]]:
    return [{"answer": each.get_answer_display(), "at": each.at} for each in row.answers.all()]

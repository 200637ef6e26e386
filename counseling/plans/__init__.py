"""Treatment, safety and discharge plans, and homework."""

from .planning import (
    PlanEpisodeEnded,
)
from .treatment_plans import (
    VersionMeanwhile,
    add_goal,
    add_objective,
    change_objective,
    close_goal,
    close_objective,
    current,
    new_version,
    review,
    start,
)
from .written_plans import (
    discharge_plan_of,
    safety_plan_of,
    text_fields,
    write_discharge_plan,
    write_safety_plan,
)

__all__ = [
    "PlanEpisodeEnded",
    "VersionMeanwhile",
    "add_goal",
    "add_objective",
    "change_objective",
    "close_goal",
    "close_objective",
    "current",
    "discharge_plan_of",
    "new_version",
    "review",
    "safety_plan_of",
    "start",
    "text_fields",
    "write_discharge_plan",
    "write_safety_plan",
]

"""A migration operation that creates all tables of an app at once.

After each operation, Django renders every related model again; when all models are related to each other, that took 96%
of a first start. Here they are rendered once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import CreateModel
from django.db.migrations.state import ProjectState


class CreateTables(Operation):
    """Does what these CreateModel operations do one by one, including the triggers in their options.

    They may refer to each other in any order: foreign keys are added once all tables exist.
    """

    serialization_expand_args = ["models"]

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Its form in a migration."""
        return type(self).__name__, [], {"models": self.models}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add all of them, then render them; models already rendered stay, because nothing there refers to them."""
        rendered = state.__dict__.pop("apps", None)  # with it there, each model would render all that it is related to
        for model in self.models:
            model.state_forwards(app_label, state)
        if rendered is not None:
            rendered.render_multiple([state.models[app_label, model.name_lower] for model in self.models])
            state.__dict__["apps"] = rendered

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make the tables, then their triggers."""
        for each in self.models:
            each.database_forwards(app_label, schema_editor, from_state, to_state)
        for each in self.models:
            model = to_state.apps.get_model(app_label, each.name)
            if self.allow_migrate_model(schema_editor.connection.alias, model._meta.concrete_model or model):
                for trigger in each.options.get("triggers", []):
                    schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the tables, with all that hangs on them."""
        for each in reversed(self.models):
            each.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """As `migrate --plan` shows it."""
        return f"Create {len(self.models)} tables"

    @property
    def migration_name_fragment(self) -> str:
        """For a name that Django makes up."""
        return "tables"

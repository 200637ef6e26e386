from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Development and test settings only: the demo's passwords are public."""

    name = "demo"
    verbose_name = "The demo"

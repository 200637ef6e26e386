"""Django's PostgreSQL backend, whose every statement says whose rows it is about (settings.DATABASES)."""

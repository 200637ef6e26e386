"""Settings by environment: `dev`, `test` and `production`, each on top of `base`."""

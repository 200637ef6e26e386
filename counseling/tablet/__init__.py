"""The tablet handed to a client to fill in measures, and nothing else."""

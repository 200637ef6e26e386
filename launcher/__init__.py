"""Starts Onward on a bare machine: `make run` and `make test`. Stands outside the house; nothing in it imports this."""

"""Carries out every command of the Makefile on a bare machine. Stands outside the house; nothing in it imports this."""

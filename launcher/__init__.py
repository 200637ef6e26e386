"""Runs every Makefile command on a bare machine. Separate from the apps; nothing in them imports it."""

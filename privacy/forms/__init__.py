"""Forms of privacy/: they check what was typed; the functions enforce the rules."""

"""Forms of the case record: they check what was typed; the functions enforce the rules."""

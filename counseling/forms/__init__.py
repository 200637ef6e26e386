"""Forms of counseling. They check input; the functions enforce the rules."""

"""Pages of counseling. Each loads through `.visible_to` and calls one function."""

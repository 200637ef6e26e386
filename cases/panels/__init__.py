"""What the case record puts on Today and on the overview of a chart."""

"""What counseling puts on Today and on the overview of a chart."""

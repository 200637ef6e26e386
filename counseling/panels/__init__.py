"""What counseling contributes to Today and the chart overview."""

"""What the case record contributes to Today and the chart overview."""

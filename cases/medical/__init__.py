"""Medical needs: what a client needs now, and what a medical provider recorded about it."""

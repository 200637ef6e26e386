"""Medical needs: what somebody needs medically now, and what a provider recorded about it."""

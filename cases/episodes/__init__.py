"""Episodes: admission, level of care, continued stay, and discharge."""

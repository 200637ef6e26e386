"""Pages of this floor: keeping a session alive, and the style guide."""

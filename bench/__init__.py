"""How the work grows with the clinic: ratios between a small and a large one, measured in one run (bench/README.md)."""

"""What is promised while things break: real servers, real workers, and a provider that counts (docs/faults.md)."""

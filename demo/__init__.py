"""The demo clinic: clearly fictional people with consistent histories, created by the functions the pages use."""

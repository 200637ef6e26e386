"""Notes and plans as printed pages and PDFs."""

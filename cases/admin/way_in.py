"""Admin of inquiries, clients, care teams, episodes and merges."""

"""A memory of operational experience for teams of AI agents."""

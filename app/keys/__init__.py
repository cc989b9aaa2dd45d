"""The keys that sign a tenant's tokens."""

"""AuthPage as the relying party of other identity providers."""

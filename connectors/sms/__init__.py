"""The SMS channel: one module per provider, what they share beside it."""

"""Channels and our words: a leaf library that knows nothing of the server."""

"""Emoji that agents put on customers' messages: no messages, and without a delivery."""

"""Texts that a provider approved beforehand: what a channel has, and what an agent filled in."""

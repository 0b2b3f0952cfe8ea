"""The live feed: the event log, pushed to agents' screens."""

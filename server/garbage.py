"""Python's collector of cycles, set for a process that runs for long.

What a process made to start is there until it ends, and is not gone through again.  What comes afterwards is mostly
freed without the collector; by default it looks for cycles at every 700th new object, several times for one batch of
intake, through all that the start had made (a tenth of the event loop's time or more, ``docs/benchmarks.md``).
Cycles wait a little longer now, they are not kept.
"""

import gc

_NEW_OBJECTS = 20_000


def settle() -> None:
    """To be called once the process has started."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 10, 10)

"""The store that the configuration names."""

from server.config import Config
from server.media.local import LocalStore
from server.media.store import MediaStore


def open_store(config: Config) -> MediaStore:
    """Where attachments are kept; nothing is connected yet."""
    return LocalStore(config.data_dir / "media")

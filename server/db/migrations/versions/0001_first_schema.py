"""The first schema.

Until the first release this revision is the schema module itself; from then on it is frozen and every change is a
revision of its own.
"""

from alembic import op
from sqlalchemy import insert

from server.db.schema import event_head, metadata
from server.events.store import new_epoch

revision = "0001"
down_revision = None

# Words come folded and one space apart, so "ascii" (which leaves every other letter alone) takes them as they are.
# message_search: an entry's number begins with its dialog's, so that entries stand in the order of dialogs.
_SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE message_search USING fts5(body, prefix='1 2 3', tokenize='ascii', columnsize=0)",
    "CREATE TABLE search_entry (message_id INTEGER PRIMARY KEY, entry INTEGER NOT NULL)",
    "CREATE TABLE search_word (word TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE VIRTUAL TABLE contact_search USING fts5(
        folded, content='contact', content_rowid='id', prefix='1 2 3', tokenize='ascii')""",
    """CREATE TRIGGER contact_search_insert AFTER INSERT ON contact BEGIN
        INSERT INTO contact_search (rowid, folded) VALUES (new.id, new.folded);
    END""",
    """CREATE TRIGGER contact_search_delete AFTER DELETE ON contact BEGIN
        INSERT INTO contact_search (contact_search, rowid, folded) VALUES ('delete', old.id, old.folded);
    END""",
    """CREATE TRIGGER contact_search_update AFTER UPDATE OF folded ON contact WHEN new.folded <> old.folded BEGIN
        INSERT INTO contact_search (contact_search, rowid, folded) VALUES ('delete', old.id, old.folded);
        INSERT INTO contact_search (rowid, folded) VALUES (new.id, new.folded);
    END""",
)


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    connection.execute(insert(event_head).values(id=1, epoch=new_epoch(), last_seq=0))
    if connection.dialect.name == "sqlite":
        for statement in _SQLITE_SEARCH:
            connection.exec_driver_sql(statement)

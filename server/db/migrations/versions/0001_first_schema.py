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

# Names come folded and one space apart.  The words of messages are in a file of their own: server/db/word_index.py.
_SQLITE_SEARCH = (
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

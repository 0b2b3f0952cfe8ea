"""The first schema.

Until the first release this revision is the schema module itself; from then on it is frozen and every change is a
revision of its own.
"""

from alembic import op
from sqlalchemy import insert

from server.db.schema import event_head, metadata, metadata_of_postgresql
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

# Once for a statement, however many rows it writes.
_POSTGRESQL_PLACES = (
    """CREATE FUNCTION dialog_placed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO dialog_place
            (id, number, contact_id, channel_id, visit_id, created_at, status, assignee_id, last_message_at)
        SELECT id, number, contact_id, channel_id, visit_id, created_at, status, assignee_id, last_message_at FROM written;
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION dialog_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE dialog_place p SET contact_id = w.contact_id, visit_id = w.visit_id,
            status = w.status, assignee_id = w.assignee_id, last_message_at = w.last_message_at
        FROM written w WHERE w.id = p.id AND
            (w.contact_id, w.visit_id, w.status, w.assignee_id, w.last_message_at) IS DISTINCT FROM
            (p.contact_id, p.visit_id, p.status, p.assignee_id, p.last_message_at);
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER dialog_placed AFTER INSERT ON dialog REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION dialog_placed()""",
    """CREATE TRIGGER dialog_moved AFTER UPDATE ON dialog REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION dialog_moved()""",
)


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    connection.execute(insert(event_head).values(id=1, epoch=new_epoch(), last_seq=0))
    if connection.dialect.name == "sqlite":
        for statement in _SQLITE_SEARCH:
            connection.exec_driver_sql(statement)
    else:
        metadata_of_postgresql.create_all(connection)
        for statement in _POSTGRESQL_PLACES:
            connection.exec_driver_sql(statement)

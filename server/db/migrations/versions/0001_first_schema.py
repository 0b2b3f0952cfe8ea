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

_FTS = """
CREATE VIRTUAL TABLE message_search USING fts5(
  body, content='', prefix='2 3', tokenize="unicode61 remove_diacritics 0"
)
"""


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    connection.execute(insert(event_head).values(id=1, epoch=new_epoch(), last_seq=0))
    if connection.dialect.name == "sqlite":
        op.execute(_FTS.replace("", ""))

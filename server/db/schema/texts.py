"""Column types for texts that a database does not hold as they are in Python."""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Dialect, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from server.folding import search_text


class SearchText(TypeDecorator[str]):
    """A text as it is searched; writers give the text itself, it is folded here.

    PostgreSQL keeps a ``tsvector``; SQLite keeps nothing here, its index is filled by ``dialogs.search_index``.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TSVECTOR())
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return search_text(value) if value is not None and dialect.name == "postgresql" else None

    def bind_expression(self, bindparam: BindParameter[str]) -> ColumnElement[Any]:
        return _ParseSearch(bindparam)


class _ParseSearch(FunctionElement[Any]):
    """``to_tsvector('simple', value)`` on PostgreSQL, the bare value elsewhere."""

    inherit_cache = True


@compiles(_ParseSearch, "postgresql")
def _parse_search_postgresql(element: _ParseSearch, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_tsvector('simple', CAST({compiler.process(element.clauses, **options)} AS TEXT))"


@compiles(_ParseSearch)
def _parse_search_elsewhere(element: _ParseSearch, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


class EncodedText(TypeDecorator[bytes]):
    """A text that Python holds as UTF-8 bytes; SQLite takes those as they are, without decoding and encoding again."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return None if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: bytes | None, _dialect: Dialect) -> Any:
        return None if value is None else value.decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> bytes | None:
        return None if value is None else value.encode()

    def bind_expression(self, bindparam: BindParameter[bytes]) -> ColumnElement[Any]:
        return _TextOfBytes(bindparam)


class _TextOfBytes(FunctionElement[Any]):
    """On SQLite bytes become text by a CAST, which only marks them as such; elsewhere the bare value."""

    inherit_cache = True


@compiles(_TextOfBytes, "sqlite")
def _text_of_bytes_sqlite(element: _TextOfBytes, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS TEXT)"


@compiles(_TextOfBytes)
def _text_of_bytes_elsewhere(element: _TextOfBytes, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)

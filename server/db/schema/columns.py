"""What all tables are made of: where they are collected, and their commonest columns."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData

BigInt = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both; SQLite makes a primary key the row's own id only for a column called INTEGER."""

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=_NAMES)
metadata_of_postgresql = MetaData(naming_convention=_NAMES)
"""What SQLite does not need."""


def id_column() -> Column[int]:
    return Column("id", BigInt, primary_key=True, autoincrement=False)


def ref_column(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[int]:
    return Column(name, BigInt, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def ms_column(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInt, nullable=nullable)

"""The database handle and `transaction()`, the only thing in the project that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Dialect, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

# Names for what is declared without one, so that migrations can address every constraint.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every model; its metadata is what the migrations must agree with."""

    metadata = MetaData(naming_convention=NAMING)


class Word(TypeDecorator[StrEnum]):
    """A readable word in the database, its enum in Python; the CHECK stands in the table."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuses a word that the enum does not have, before the database would."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


# Connections wait at most 5 s for a place in the pool. JIT compilation costs more than any of
# our queries takes.
ENGINE_OPTIONS: dict[str, Any] = {
    "connect_args": {"options": "-c jit=off"},
    "pool_size": 10,
    "max_overflow": 20,
    "pool_timeout": 5,
    "pool_recycle": 1800,
}

# The vault's own role, by which identities are opened, one at a time and rarely.
VAULT = "vault"
VAULT_POOL: dict[str, Any] = {"pool_size": 2, "max_overflow": 4}

db = SQLAlchemy(engine_options=ENGINE_OPTIONS)  # sessions and engines; models derive from Base


class NestedTransaction(RuntimeError):
    """A function that opens a transaction was called inside another one."""


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what happens inside, or nothing of it.

    Opened by public functions of the journey and by services that an edge or the CLI calls.
    Whatever an earlier read left open on this session is ended first, so that the work
    starts on fresh data. Raises `NestedTransaction` when one is already open.
    """
    session = db.session()
    if session.info.get("in_transaction"):
        raise NestedTransaction("transaction() is never nested")
    session.rollback()
    session.info["in_transaction"] = True
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["in_transaction"] = False


@contextmanager
def vault_connection() -> Iterator[Connection]:
    """A connection of the role that may open identities, where each statement commits at once.

    The application's own role can put identities into the vault and cannot read them; this one
    can do nothing but open one, leaving a row that says so. That row must be committed before
    anything is read, so there is no transaction here to roll it back with, and none of ours may
    be open: it would wait for a second connection while it holds locks. Raises
    `NestedTransaction` inside `transaction()`.
    """
    if db.session().info.get("in_transaction"):
        raise NestedTransaction("the vault is never opened inside a transaction")
    with db.engines[VAULT].connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")

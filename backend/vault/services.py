"""Seals the identities of a case, opens them with a trace, finds equal documents.

`keep` works inside the caller's `transaction()`, so that a case and its identities are one
commit. `open_person` goes by the vault's own role and is never called inside one. Whoever gets
what is opened shows it and forgets it: it is never logged, cached or put into a model.
"""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, LargeBinary, Row, bindparam, insert, text
from sqlalchemy.dialects.postgresql import ARRAY

from backend.crypto import KeyRing, keyed_hash
from backend.db import db, vault_connection
from backend.errors import FieldError, InvalidInput, NotFound
from backend.vault.models import NewPerson, Person

NONCE_BYTES = 12
MAX_WORDS = 500
NOT_IN_A_NUMBER = re.compile(r"[\s.\-_/]+")


class IdentityLost(Exception):
    """A sealed identity does not open: its key is lost, or it was changed or moved."""


def keep(report_id: UUID, persons: Sequence[NewPerson], ring: KeyRing, now: datetime) -> None:
    """Put a case's identities into the vault, with the case, in the caller's transaction."""
    if persons:
        rows = [_sealed_row(report_id, person, ring, now) for person in persons]
        # No RETURNING: the application's role may not read here, not even what it wrote.
        db.session.connection().execute(insert(Person.__table__).inline(), rows)  # type: ignore[arg-type]


_RECORD_OPENING = text(
    "SELECT vault.record_opening(:person_id, :report_id, :staff_id, :unit_id, :reason, :words)"
)
_OPEN = text("SELECT sealed, key_version FROM vault.open_person(:opening_id)")


def open_person(
    ring: KeyRing,
    person_id: UUID,
    report_id: UUID,
    staff_id: int,
    unit_id: int | None,
    reason: str,
    words: str,
) -> dict[str, Any]:
    """The identity, once who opens it and why is written down and committed.

    Raises `InvalidInput` without a reason and words, `NotFound`, `IdentityLost`.
    """
    reason, words = _reason_and_words(reason, words)
    with vault_connection() as connection:
        values = {"person_id": person_id, "report_id": report_id, "staff_id": staff_id}
        values |= {"unit_id": unit_id, "reason": reason, "words": words}
        opening_id = connection.execute(_RECORD_OPENING, values).scalar()
        if opening_id is None:
            raise NotFound("No encontramos a esa persona en el caso.")
        sealed, version = connection.execute(_OPEN, {"opening_id": opening_id}).one()
    data: dict[str, Any] = _unseal(sealed, version, ring, person_id, report_id)["data"]
    return data


_COUNT_SAME = text("SELECT vault.count_same_document(:indexes, :since)").bindparams(
    bindparam("indexes", type_=ARRAY(LargeBinary))
)


def same_document_count(ring: KeyRing, kind: str, number: str, since: datetime) -> int:
    """How many cases name this document since then; nothing is opened to know it."""
    indexes = [_document_index(key, kind, number) for key in ring.keys["blind"].values()]
    query = _COUNT_SAME.bindparams(indexes=indexes, since=since)
    return int(db.session.execute(query).scalar_one())


def _sealed_row(report_id: UUID, person: NewPerson, ring: KeyRing, now: datetime) -> dict[str, Any]:
    version, sealed = _seal(person.data, person.document, ring, person.id, report_id)
    index_version, index = _index(person.document, ring)
    return {
        "id": person.id,
        "report_id": report_id,
        "sealed": sealed,
        "key_version": version,
        "document_index": index,
        "document_index_version": index_version,
        "created_at": now,
    }


def _seal(
    data: Mapping[str, Any],
    document: tuple[str, str] | None,
    ring: KeyRing,
    person_id: UUID,
    report_id: UUID,
) -> tuple[int, bytes]:
    """The document lies inside, too: with it the index can be made again with another key."""
    version, key = ring.current("vault")
    nonce = secrets.token_bytes(NONCE_BYTES)
    plain = json.dumps({"data": data, "document": document}, separators=(",", ":")).encode()
    return version, nonce + AESGCM(key).encrypt(nonce, plain, _binding(person_id, report_id))


def _unseal(
    sealed: bytes, version: int, ring: KeyRing, person_id: UUID, report_id: UUID
) -> dict[str, Any]:
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        cipher = AESGCM(ring.key("vault", version))
        plain = cipher.decrypt(nonce, ciphertext, _binding(person_id, report_id))
    except (KeyError, ValueError, InvalidTag):
        raise IdentityLost(f"person {person_id} under vault key {version}") from None
    content: dict[str, Any] = json.loads(plain)
    return content


def _binding(person_id: UUID, report_id: UUID) -> bytes:
    """Nobody who can write to the table can pass one person off as another."""
    return b"vault person\x00" + person_id.bytes + report_id.bytes


def _index(document: tuple[str, str] | None, ring: KeyRing) -> tuple[int | None, bytes | None]:
    if document is None:
        return None, None
    version, key = ring.current("blind")
    return version, _document_index(key, *document)


def _document_index(key: bytes, kind: str, number: str) -> bytes:
    """Equal for equal documents however they are typed; tells nothing without the key."""
    plain = NOT_IN_A_NUMBER.sub("", number).upper()
    return keyed_hash(key, kind.strip().lower().encode(), plain.encode())


def _reason_and_words(reason: str, words: str) -> tuple[str, str]:
    reason, words = reason.strip(), words.strip()
    errors = []
    if not reason:
        errors.append(FieldError("motivo", "Elija el motivo."))
    if not words:
        errors.append(FieldError("palabras", "Escriba por qué necesita ver la identidad."))
    if len(words) > MAX_WORDS:
        errors.append(FieldError("palabras", f"Escriba hasta {MAX_WORDS} letras."))
    if errors:
        raise InvalidInput("Falta decir por qué.", tuple(errors))
    return reason, words


# Rotation, by the CLI as the owner of the schema: no process that takes reports can do this.

_OLD_ROWS = text("""
SELECT id, report_id, sealed, key_version, document_index_version FROM vault.person
WHERE (key_version <> :vault OR document_index_version <> :blind)
AND (CAST(:after AS uuid) IS NULL OR id > :after)
ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
""")
_RESEAL = text("""
UPDATE vault.person SET sealed = :sealed, key_version = :key_version,
    document_index = :document_index, document_index_version = :document_index_version
WHERE id = :id
""")


def rewrap_some(
    owner: Connection, ring: KeyRing, after: UUID | None, limit: int
) -> tuple[UUID | None, list[UUID]]:
    """Bring up to `limit` rows, past `after`, under the current vault and blind keys.

    Returns where to go on, None at the end, and the rows that do not open. Breaking off is
    harmless: rows that are done are not found again. The caller commits.
    """
    current = {"vault": ring.current("vault")[0], "blind": ring.current("blind")[0]}
    rows = owner.execute(_OLD_ROWS, {**current, "after": after, "limit": limit}).all()
    fresh, lost = [], []
    for row in rows:
        try:
            fresh.append(_resealed(row, ring))
        except IdentityLost:
            lost.append(row.id)
    if fresh:
        owner.execute(_RESEAL, fresh)
    return (rows[-1].id if len(rows) == limit else None), lost


def _resealed(row: Row[Any], ring: KeyRing) -> dict[str, Any]:
    content = _unseal(row.sealed, row.key_version, ring, row.id, row.report_id)
    document = tuple(content["document"]) if content["document"] else None
    version, sealed = row.key_version, row.sealed
    if version != ring.current("vault")[0]:
        version, sealed = _seal(content["data"], document, ring, row.id, row.report_id)
    index_version, index = _index(document, ring)
    return {
        "id": row.id,
        "sealed": sealed,
        "key_version": version,
        "document_index": index,
        "document_index_version": index_version,
    }

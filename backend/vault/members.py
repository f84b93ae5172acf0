"""Seals who the members of juntas are, finds equal documents of one unit, reads names with a trace.

Writing works inside the caller's `transaction()`. `read_members` goes by the vault's own role and
is never called inside one. Whoever gets names shows them and forgets them: they are never logged,
cached or put into a model.
"""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, LargeBinary, Row, Uuid, bindparam, func, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from backend.crypto import KeyRing, keyed_hash
from backend.db import db, vault_connection
from backend.errors import Forbidden
from backend.vault.models import MEMBER_FIELDS, Member, NewMember
from backend.vault.services import NONCE_BYTES, NOT_IN_A_NUMBER, IdentityLost

Document = tuple[str, str]  # kind and number, as an officer types them


def seal_members(
    unit_id: int,
    members: Sequence[NewMember],
    ring: KeyRing,
    now: datetime,
    import_id: UUID | None = None,
) -> None:
    """Put who they are into the vault, in the caller's transaction."""
    if members:
        rows = [
            {**_sealed_row(unit_id, member, ring), "import_id": import_id, "created_at": now}
            for member in members
        ]
        # No RETURNING: the application's role may not read here, not even what it wrote.
        db.session.connection().execute(insert(Member.__table__).inline(), rows)  # type: ignore[arg-type]


_REPLACE = text(
    "SELECT vault.replace_member(:id, :unit_id, :sealed, CAST(:key_version AS smallint), "
    ":document_index, CAST(:document_index_version AS smallint))"
)


def replace_member(unit_id: int, member: NewMember, ring: KeyRing) -> bool:
    """Correct who a member of the unit is, in the caller's transaction; False: not there."""
    return bool(db.session.execute(_REPLACE, _sealed_row(unit_id, member, ring)).scalar_one())


_KNOWN = text("SELECT document_index, member_id FROM vault.known_documents(:unit_id, :indexes)")
_KNOWN = _KNOWN.bindparams(bindparam("indexes", type_=ARRAY(LargeBinary)))


def known_documents(
    unit_id: int, documents: Collection[Document], ring: KeyRing
) -> dict[Document, list[UUID]]:
    """Which of these documents the unit's roster has, and under which members, past ones too.

    Nothing is opened to know it, and another unit's roster cannot be asked.
    """
    asked = {
        _document_index(key, unit_id, *document): document
        for document in documents
        for key in ring.keys["blind"].values()
    }
    found: dict[Document, list[UUID]] = {}
    values = {"unit_id": unit_id, "indexes": list(asked)}
    for index, member_id in db.session.execute(_KNOWN, values) if asked else ():
        found.setdefault(asked[bytes(index)], []).append(member_id)
    return found


_FORGET_LOOSE = text("SELECT vault.forget_loose_members(:import_id)")


def forget_loose_members(import_id: UUID) -> int:
    """Drop who came with an import and belongs to no junta, in the caller's transaction."""
    return int(db.session.execute(_FORGET_LOOSE, {"import_id": import_id}).scalar_one())


_RECORD = text(
    "SELECT vault.record_reading(:staff_id, :unit_id, :junta_id, :export_id, :members, :reason)"
).bindparams(bindparam("members", type_=ARRAY(Uuid)))
_READ = text("SELECT member_id, sealed, key_version FROM vault.read_members(:reading)")


def read_members(
    ring: KeyRing,
    staff_id: int,
    unit_id: int,
    member_ids: Collection[UUID],
    reason: str,
    *,
    junta_id: UUID | None = None,
    export_id: UUID | None = None,
) -> dict[UUID, dict[str, str]]:
    """Who the members are, once who reads it and why is written down and committed.

    Raises `Forbidden` for whoever has no seat in the unit, for members of another unit, and for
    many at once without an approved export: the database refuses these, whatever asks.
    """
    with vault_connection() as connection:
        values = {"staff_id": staff_id, "unit_id": unit_id, "members": list(member_ids)}
        values |= {"junta_id": junta_id, "export_id": export_id, "reason": reason}
        reading = connection.execute(_RECORD, values).scalar()
        if reading is None:
            raise Forbidden("Esos nombres los lee solo quien lleva el padrón de la comisaría.")
        rows = connection.execute(_READ, {"reading": reading}).all()
    return {row.member_id: _unseal(row, ring, row.member_id, unit_id) for row in rows}


def _sealed_row(unit_id: int, member: NewMember, ring: KeyRing) -> dict[str, Any]:
    version, sealed = _seal(member.data, ring, member.id, unit_id)
    index_version, index = _index(member.data, unit_id, ring)
    return {
        "id": member.id,
        "unit_id": unit_id,
        "sealed": sealed,
        "key_version": version,
        "document_index": index,
        "document_index_version": index_version,
    }


def _seal(
    data: Mapping[str, Any], ring: KeyRing, member_id: UUID, unit_id: int
) -> tuple[int, bytes]:
    version, key = ring.current("vault")
    nonce = secrets.token_bytes(NONCE_BYTES)
    kept = {field: data.get(field) or "" for field in MEMBER_FIELDS}
    plain = json.dumps(kept, separators=(",", ":")).encode()
    return version, nonce + AESGCM(key).encrypt(nonce, plain, _binding(member_id, unit_id))


def _unseal(row: Row[Any], ring: KeyRing, member_id: UUID, unit_id: int) -> dict[str, str]:
    nonce, ciphertext = row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:]
    try:
        cipher = AESGCM(ring.key("vault", row.key_version))
        plain = cipher.decrypt(nonce, ciphertext, _binding(member_id, unit_id))
    except (KeyError, ValueError, InvalidTag):
        raise IdentityLost(f"member {member_id} under vault key {row.key_version}") from None
    content: dict[str, str] = json.loads(plain)
    return content


def _binding(member_id: UUID, unit_id: int) -> bytes:
    """Nobody who can write to the table can pass one member off as another, or move one."""
    return b"vault member\x00" + member_id.bytes + unit_id.to_bytes(8, "big")


def _index(data: Mapping[str, Any], unit_id: int, ring: KeyRing) -> tuple[int, bytes]:
    version, key = ring.current("blind")
    return version, _document_index(key, unit_id, data["tipo_documento"], data["numero_documento"])


def _document_index(key: bytes, unit_id: int, kind: str, number: str) -> bytes:
    """Equal for equal documents of one unit; of two units, nobody can tell without the key."""
    plain = NOT_IN_A_NUMBER.sub("", number).upper()
    unit = unit_id.to_bytes(8, "big")
    return keyed_hash(key, b"padron", unit, kind.strip().lower().encode(), plain.encode())


# Rotation, by the CLI as the owner of the schema: no process that keeps rosters can do this.

_OLD_ROWS = text("""
SELECT id, unit_id, sealed, key_version FROM vault.member
WHERE (key_version <> :vault OR document_index_version <> :blind)
AND (CAST(:after AS uuid) IS NULL OR id > :after)
ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
""")
_RESEAL = text("""
UPDATE vault.member SET sealed = :sealed, key_version = :key_version,
    document_index = :document_index, document_index_version = :document_index_version
WHERE id = :id
""")


def rewrap_members(
    owner: Connection, ring: KeyRing, after: UUID | None, limit: int
) -> tuple[UUID | None, list[UUID]]:
    """Bring up to `limit` rows, past `after`, under the current keys; as `vault.rewrap_some`."""
    current = {"vault": ring.current("vault")[0], "blind": ring.current("blind")[0]}
    rows = owner.execute(_OLD_ROWS, {**current, "after": after, "limit": limit}).all()
    fresh, lost = [], []
    for row in rows:
        try:
            data = _unseal(row, ring, row.id, row.unit_id)
            fresh.append(_sealed_row(row.unit_id, NewMember(row.id, data), ring))
        except IdentityLost:
            lost.append(row.id)
    if fresh:
        owner.execute(_RESEAL, fresh)
    return (rows[-1].id if len(rows) == limit else None), lost


def members_by_key(owner: Connection) -> dict[int, int]:
    """How many members are sealed by each version of the vault key."""
    query = select(Member.key_version, func.count()).group_by(Member.key_version)
    return dict(owner.execute(query).tuples().all())


def members_by_index_key(owner: Connection) -> dict[int, int]:
    """How many documents of members are indexed by each version of the blind key."""
    version = Member.document_index_version
    query = select(version, func.count()).group_by(version)
    return dict(owner.execute(query).tuples().all())

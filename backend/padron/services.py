"""An import up to its check: taken in sealed, given up, forgotten. The panel and the clock call it.

`checking` reads it, `applying` registers and undoes it.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, func, select

from backend import outbox
from backend.boards.queries import unit_of_office
from backend.crypto import KeyRing
from backend.db import db, transaction
from backend.errors import Conflict, Forbidden, TooLarge, wrong_field
from backend.identity.models import RoleName, Staff
from backend.identity.services import audit
from backend.padron.models import ImportState, PadronImport, PadronProblem, PadronRow
from backend.padron.queries import import_for
from backend.vault.members import forget_loose_members
from backend.vault.services import NONCE_BYTES

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_FILE_NAME = 80
ERASED_NAME = "Nombre ya borrado"
FILES_AT_ONCE = 5  # in memory, when keys rotate
# People wait in the vault for a decision; nobody decides any more after this.
STALE = timedelta(days=7)
WAITING = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.UNREADABLE)


def upload(ring: KeyRing, staff: Staff, name: str, content: bytes, now: datetime) -> UUID:
    """Keep a file, sealed, until a worker has read it; the caller rings for `check_padron`."""
    if not content:
        raise wrong_field("archivo", "Elija un archivo que no esté vacío.")
    if len(content) > MAX_FILE_BYTES:
        raise TooLarge(too_large_words())
    import_id = uuid4()
    version, sealed = _seal(content, ring, import_id)
    with transaction():
        unit_id, is_loader = unit_to_fill(staff)
        waiting = PadronImport(
            id=import_id,
            unit_id=unit_id,
            staff_id=staff.id,
            is_loader=is_loader,
            file_name=_short_name(name),
            sealed_file=sealed,
            key_version=version,
            state=ImportState.UPLOADED,
            created_at=now,
            next_attempt_at=now,
        )
        db.session.add(waiting)
        audit(staff.id, "padron_uploaded", padron_import=str(import_id), size=len(content))
    return import_id


def too_large_words() -> str:
    """What is told to who sends too much."""
    return (
        f"El archivo pesa más de {MAX_FILE_BYTES // 1024 // 1024} MB. Deje solo la lista, sin "
        "fotos ni otras hojas, o divídala en varios archivos."
    )


def unit_to_fill(staff: Staff) -> tuple[int, bool]:
    """The unit that the account imports for, and whether it only loads what it cannot read."""
    if staff.is_one_of(RoleName.PARTICIPACION_CIUDADANA):
        return unit_of_office(staff), False
    if not staff.is_one_of(RoleName.CARGADOR_PADRON) or staff.unit_id is None:
        raise Forbidden("El padrón lo carga la Oficina de Participación Ciudadana.")
    return staff.unit_id, True


def discard(staff: Staff, import_id: UUID, now: datetime) -> None:
    """Give an import up: whoever it brought is forgotten."""
    with transaction():
        given_up = import_for(staff, import_id, lock=True)
        if given_up.state not in WAITING:
            raise Conflict("Esta carga ya se registró o se descartó.")
        _give_up(given_up, now)
        audit(staff.id, "padron_discarded", padron_import=str(import_id))


def discard_stale(now: datetime) -> int:
    """Give up the imports that nobody decided on; returns how many."""
    old = select(PadronImport).where(
        PadronImport.state.in_(WAITING), PadronImport.created_at < now - STALE
    )
    with transaction():
        stale = db.session.scalars(old.with_for_update(skip_locked=True)).all()
        for one in stale:
            _give_up(one, now)
            audit(None, "padron_discarded", padron_import=str(one.id))
    return len(stale)


def forget_findings(import_id: UUID) -> None:
    """Drop the rows and problems of an import, and the people that it brought."""
    db.session.execute(delete(PadronRow).where(PadronRow.import_id == import_id))
    db.session.execute(delete(PadronProblem).where(PadronProblem.import_id == import_id))
    forget_loose_members(import_id)


def forget_name(one: PadronImport) -> None:
    """People name files after juntas and persons; once nobody waits for it, it needs no name."""
    one.file_name = ERASED_NAME


def forget_file(one: PadronImport) -> None:
    """The file is read, or never will be."""
    one.sealed_file = None
    one.key_version = None


def opened_file(one: PadronImport, ring: KeyRing) -> bytes | None:
    """What was uploaded; None when its key is lost or it was changed."""
    if one.sealed_file is None or one.key_version is None:
        return None
    nonce, ciphertext = one.sealed_file[:NONCE_BYTES], one.sealed_file[NONCE_BYTES:]
    try:
        cipher = AESGCM(ring.key("vault", one.key_version))
        return cipher.decrypt(nonce, ciphertext, _binding(one.id))
    except (KeyError, InvalidTag):
        return None


def files_by_key() -> dict[int, int]:
    """How many uploaded files wait under each version of the vault key."""
    version = PadronImport.key_version
    query = select(version, func.count()).where(version.is_not(None)).group_by(version)
    with transaction():
        return {one: count for one, count in db.session.execute(query).tuples() if one is not None}


def rewrap_files(ring: KeyRing, after: UUID | None) -> tuple[UUID | None, list[UUID]]:
    """Bring some waiting files, past `after`, under the current key; as `vault.rewrap_some`."""
    old = select(PadronImport).where(PadronImport.key_version != ring.current("vault")[0])
    if after is not None:
        old = old.where(PadronImport.id > after)
    old = old.order_by(PadronImport.id).limit(FILES_AT_ONCE).with_for_update(skip_locked=True)
    lost = []
    with transaction():
        found = db.session.scalars(old).all()
        for one in found:
            content = opened_file(one, ring)
            if content is None:
                lost.append(one.id)
            else:
                one.key_version, one.sealed_file = _seal(content, ring, one.id)
        following = found[-1].id if len(found) == FILES_AT_ONCE else None
    return following, lost


def _give_up(one: PadronImport, now: datetime) -> None:
    one.state = ImportState.DISCARDED
    forget_name(one)
    forget_file(one)
    forget_findings(one.id)
    outbox.record_done(one, now)


def _seal(content: bytes, ring: KeyRing, import_id: UUID) -> tuple[int, bytes]:
    version, key = ring.current("vault")
    nonce = secrets.token_bytes(NONCE_BYTES)
    return version, nonce + AESGCM(key).encrypt(nonce, content, _binding(import_id))


def _binding(import_id: UUID) -> bytes:
    return b"padron import\x00" + import_id.bytes


def _short_name(name: str) -> str:
    """The file's own name, without folders; long ones keep their ending."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter for letter in plain if letter.isprintable()).strip()
    return plain[-MAX_FILE_NAME:] or "sin nombre"

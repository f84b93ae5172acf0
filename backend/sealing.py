"""Files at rest: encrypted in chunks with a key of their own; media and backups call it.

A sealed file is `YASEAL`, a version byte and a 7-byte nonce prefix, then chunks of 64 KiB
under AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015):
the nonce of a chunk is prefix | 4-byte counter | 1 if it is the last. So a chunk that is
changed, moved, doubled or missing, at the end too, does not open. The data key is never in
the file: it is returned wrapped by the master key, bound to the file's id, and whoever
loses that row has lost the file.
"""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.crypto import KeyRing
from backend.errors import TooLarge

HEADER_START = b"YASEAL\x01"
PREFIX_BYTES = 7
HEADER_BYTES = len(HEADER_START) + PREFIX_BYTES
CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
KEY_BYTES = 32
NONCE_BYTES = 12
HEAD_BYTES = 256 * 1024


class SealBroken(Exception):
    """The file is damaged or cut, or its key is not the right one or lost."""


class SealedSink(Protocol):
    """Where a sealed file goes: durable after `commit`, gone after `discard`."""

    def write(self, data: bytes, /) -> object: ...
    def commit(self) -> None: ...
    def discard(self) -> None: ...


@dataclass(frozen=True)
class SealedKey:
    """What opens one sealed file, given the key ring."""

    id: str
    wrapped_key: bytes
    master_key_version: int


@dataclass(frozen=True)
class Sealed:
    """A finished sealed file: its key, and the hash and size of the bytes inside."""

    key: SealedKey
    sha256: str
    size_bytes: int


class SealingWriter:
    """Seals what is written to it, hashing on the way; discards it if the `with` is left early.

    Chunking does not depend on how the bytes arrive. `head` keeps the first 256 KiB in
    memory, enough to tell a photo's type and dimensions without opening the file again.
    """

    def __init__(self, sink: SealedSink, file_id: str, ring: KeyRing, limit_bytes: int) -> None:
        self.size_bytes = 0
        self.head = bytearray()
        self._sink = sink
        self._limit_bytes = limit_bytes
        self._digest = hashlib.sha256()
        self._buffer = bytearray()
        self._counter = 0
        self.is_finished = False
        self._file_id, self._ring = file_id, ring
        self._data_key = secrets.token_bytes(KEY_BYTES)
        self._cipher = AESGCM(self._data_key)
        self._header = HEADER_START + secrets.token_bytes(PREFIX_BYTES)
        sink.write(self._header)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if not self.is_finished:
            self.discard()

    def write(self, data: bytes) -> int:
        """Take more bytes; raises `TooLarge` past the limit, having stored nothing past it."""
        self.size_bytes += len(data)
        if self.size_bytes > self._limit_bytes:
            raise TooLarge(f"El archivo pasa de {self._limit_bytes // 1_000_000} MB.")
        self._digest.update(data)
        if len(self.head) < HEAD_BYTES:
            self.head += data[: HEAD_BYTES - len(self.head)]
        self._buffer += data
        # A full chunk waits until more arrives, for it may turn out to be the last.
        whole = (len(self._buffer) - 1) // CHUNK_BYTES if self._buffer else 0
        with memoryview(self._buffer) as buffered:
            for start in range(0, whole * CHUNK_BYTES, CHUNK_BYTES):
                self._seal(buffered[start : start + CHUNK_BYTES], last=False)
        del self._buffer[: whole * CHUNK_BYTES]
        return len(data)

    def finish(self) -> Sealed:
        """Seal the last chunk and make the file durable.

        The key is wrapped only now: a photo takes minutes over a bad line, and the master key
        of its first byte may have been rotated and forgotten by its last.
        """
        self._seal(self._buffer, last=True)
        self._sink.commit()
        self.is_finished = True
        key = _wrap(self._data_key, self._file_id, self._ring)
        return Sealed(key, self._digest.hexdigest(), self.size_bytes)

    def discard(self) -> None:
        """Leave nothing behind; harmless after `finish` of a file that is not wanted."""
        self._sink.discard()

    def _seal(self, chunk: bytearray | memoryview, last: bool) -> None:
        nonce = _nonce(self._header, self._counter, last)
        self._sink.write(self._cipher.encrypt(nonce, chunk, self._header))
        self._counter += 1


def open_sealed(source: BinaryIO, key: SealedKey, ring: KeyRing) -> Iterator[bytes]:
    """The bytes inside, chunk by chunk, each verified before it is yielded.

    Damage further on shows only when it is reached, as `SealBroken`: whoever streams to a
    person must break the answer off then.
    """
    cipher = AESGCM(_unwrap(key, ring))
    header = _read_exactly(source, HEADER_BYTES)
    if len(header) != HEADER_BYTES or not header.startswith(HEADER_START):
        raise SealBroken("not a sealed file of a known version")
    counter = 0
    chunk = _read_exactly(source, CHUNK_BYTES + TAG_BYTES)
    while True:
        following = _read_exactly(source, CHUNK_BYTES + TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(header, counter, last=not following), chunk, header)
        except InvalidTag:
            raise SealBroken(f"chunk {counter} does not open") from None
        if not following:
            return
        chunk = following
        counter += 1


def read_sealed(source: BinaryIO, key: SealedKey, ring: KeyRing) -> bytes:
    """All the bytes inside, or `SealBroken`."""
    return b"".join(open_sealed(source, key, ring))


def rewrap(key: SealedKey, ring: KeyRing) -> SealedKey:
    """The same data key under the ring's current master key; the file stays as it is."""
    return _wrap(_unwrap(key, ring), key.id, ring)


def _nonce(header: bytes, counter: int, last: bool) -> bytes:
    return header[len(HEADER_START) :] + counter.to_bytes(4, "big") + bytes([last])


def _wrap(data_key: bytes, file_id: str, ring: KeyRing) -> SealedKey:
    version, master = ring.current("master")
    nonce = secrets.token_bytes(NONCE_BYTES)
    wrapped = nonce + AESGCM(master).encrypt(nonce, data_key, _binding(file_id))
    return SealedKey(file_id, wrapped, version)


def _unwrap(key: SealedKey, ring: KeyRing) -> bytes:
    try:
        master = AESGCM(ring.key("master", key.master_key_version))
        nonce, wrapped = key.wrapped_key[:NONCE_BYTES], key.wrapped_key[NONCE_BYTES:]
        return master.decrypt(nonce, wrapped, _binding(key.id))
    except KeyError:
        raise SealBroken(f"master key {key.master_key_version} is lost") from None
    except (InvalidTag, ValueError):
        raise SealBroken(f"the key of file {key.id} does not unwrap") from None


def _binding(file_id: str) -> bytes:
    """Ties a wrapped key to its file, and to this use of the master key."""
    return b"sealed file\x00" + file_id.encode()


def _read_exactly(source: BinaryIO, count: int) -> bytes:
    """Up to `count` bytes, fewer only at the end; network streams give them in pieces."""
    data = source.read(count)
    while 0 < len(data) < count:
        more = source.read(count - len(data))
        if not more:
            break
        data += more
    return data

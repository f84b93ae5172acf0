"""Sealed files open to exactly what went in, and to nothing at all when anything changed."""

from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.crypto import KeyRing
from backend.errors import TooLarge
from backend.sealing import (
    CHUNK_BYTES,
    HEADER_BYTES,
    TAG_BYTES,
    SealBroken,
    Sealed,
    SealedKey,
    SealingWriter,
    read_sealed,
    rewrap,
)

RING = KeyRing.generate()
SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES
SIZES = st.one_of(
    st.sampled_from([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]),
    st.integers(0, 4 * CHUNK_BYTES),
)


class MemorySink:
    """A sink that a test can look into."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.is_committed = False
        self.is_discarded = False

    def write(self, data: bytes, /) -> None:
        self.content += data

    def commit(self) -> None:
        self.is_committed = True

    def discard(self) -> None:
        self.is_discarded = True


def seal(*writes: bytes, ring: KeyRing = RING) -> tuple[bytes, Sealed]:
    sink = MemorySink()
    with SealingWriter(sink, "f1", ring, limit_bytes=10**9) as writer:
        for data in writes:
            writer.write(data)
        sealed = writer.finish()
    assert sink.is_committed
    assert not sink.is_discarded
    return bytes(sink.content), sealed


def unseal(content: bytes, key: SealedKey, ring: KeyRing = RING) -> bytes:
    return read_sealed(BytesIO(content), key, ring)


@settings(max_examples=60, deadline=None)
@given(size=SIZES, cuts=st.lists(st.integers(0, 4 * CHUNK_BYTES), max_size=8))
def test_any_split_of_the_writes_gives_the_same_bytes_back(size: int, cuts: list[int]) -> None:
    plain = Random(size).randbytes(size)
    edges = [0, *sorted(cut for cut in cuts if cut <= size), size]
    pieces = [plain[a:b] for a, b in pairwise(edges)]
    content, sealed = seal(*pieces)
    assert unseal(content, sealed.key) == plain
    assert sealed.size_bytes == size
    assert sealed.sha256 == sha256(plain).hexdigest()
    chunks = max(1, -(-size // CHUNK_BYTES))
    assert len(content) == HEADER_BYTES + size + chunks * TAG_BYTES


THREE_CHUNKS = Random(1).randbytes(2 * CHUNK_BYTES + 1000)
CONTENT, SEALED = seal(THREE_CHUNKS)


def chunks_of(content: bytes) -> list[bytes]:
    body = content[HEADER_BYTES:]
    return [body[i : i + SEALED_CHUNK] for i in range(0, len(body), SEALED_CHUNK)]


@settings(max_examples=80, deadline=None)
@given(at=st.integers(0, len(CONTENT) - 1), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(at: int, bit: int) -> None:
    changed = bytearray(CONTENT)
    changed[at] ^= 1 << bit
    with pytest.raises(SealBroken):
        unseal(bytes(changed), SEALED.key)


@settings(max_examples=60, deadline=None)
@given(length=st.integers(0, len(CONTENT) - 1))
def test_a_cut_file_is_noticed(length: int) -> None:
    with pytest.raises(SealBroken):
        unseal(CONTENT[:length], SEALED.key)


@pytest.mark.parametrize(
    "order", [[1, 0, 2], [0, 2], [0, 1], [0, 0, 1, 2], [0, 1, 2, 2], [0, 1, 1, 2], [2], []]
)
def test_moved_missing_or_doubled_chunks_are_noticed(order: list[int]) -> None:
    chunks = chunks_of(CONTENT)
    with pytest.raises(SealBroken):
        unseal(CONTENT[:HEADER_BYTES] + b"".join(chunks[i] for i in order), SEALED.key)


def test_chunks_of_another_file_do_not_fit() -> None:
    other, _ = seal(THREE_CHUNKS)
    mixed = CONTENT[:-1000] + other[-1000:]
    with pytest.raises(SealBroken):
        unseal(mixed, SEALED.key)


def test_the_same_bytes_never_seal_alike() -> None:
    again, other = seal(THREE_CHUNKS)
    assert again != CONTENT
    assert other.key.wrapped_key != SEALED.key.wrapped_key


def test_a_strangers_ring_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        unseal(CONTENT, SEALED.key, KeyRing.generate())


def test_a_key_opens_only_the_file_that_it_was_made_for() -> None:
    key = SealedKey("f2", SEALED.key.wrapped_key, SEALED.key.master_key_version)
    with pytest.raises(SealBroken):
        unseal(CONTENT, key)


def test_a_lost_master_key_is_told() -> None:
    with pytest.raises(SealBroken, match="lost"):
        unseal(CONTENT, SealedKey("f1", SEALED.key.wrapped_key, 99))


def test_rotation_rewraps_the_key_and_leaves_the_file() -> None:
    rotated = RING.rotated("master")
    key = rewrap(SEALED.key, rotated)
    assert key.master_key_version == 2
    assert unseal(CONTENT, key, rotated) == THREE_CHUNKS
    assert unseal(CONTENT, SEALED.key, rotated) == THREE_CHUNKS


def test_no_piece_of_the_plaintext_shows() -> None:
    plain = b"dangerous words " * 10_000
    content, _ = seal(plain)
    assert b"dangerous" not in content


def test_too_much_is_refused_and_discarded() -> None:
    sink = MemorySink()
    with (
        pytest.raises(TooLarge, match="25 MB"),
        SealingWriter(sink, "f1", RING, limit_bytes=25_000_000) as writer,
    ):
        for _ in range(26):
            writer.write(bytes(1_000_000))
    assert sink.is_discarded
    assert not sink.is_committed
    assert len(sink.content) <= 25_100_000


def test_the_head_is_kept_while_the_rest_streams() -> None:
    plain = Random(2).randbytes(600_000)
    writer = SealingWriter(MemorySink(), "f1", RING, limit_bytes=10**9)
    for start in range(0, len(plain), 1000):
        writer.write(plain[start : start + 1000])
    assert writer.head == plain[: 256 * 1024]

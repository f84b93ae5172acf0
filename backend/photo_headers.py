"""A photo's type and dimensions by the first bytes of its content; media calls it.

Read by hand and bounds-checked by slicing, so that the web process, which holds keys, never
runs a native decoder over a stranger's bytes, and a bomb costs no more than its header.
"""

import struct
from collections.abc import Iterator
from typing import Literal

ContentType = Literal["image/jpeg", "image/png", "image/webp", "image/heic"]
CONTENT_TYPES: tuple[ContentType, ...] = ("image/jpeg", "image/png", "image/webp", "image/heic")

HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}
HEIF_BRANDS = {b"mif1", b"msf1"}  # some HEIF: the compatible brands say which
NO_FRAME = {0xC4, 0xC8, 0xCC}  # JPEG markers among C0-CF that start no frame
OTHER_KINDS = {
    b"%PDF": "un PDF",
    b"GIF8": "un GIF",
    b"II*\x00": "un TIFF",
    b"MM\x00*": "un TIFF",
    b"BM": "un BMP",
    b"PK\x03\x04": "un documento o archivo comprimido",
}


def content_type(head: bytes) -> ContentType | None:
    """The type of an accepted photo, or None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return "image/heic" if _is_heic(head) else None


def other_kind(head: bytes) -> str | None:
    """What a refused file is, in Spanish with its article, where that is easy to see."""
    for start, words in OTHER_KINDS.items():
        if head.startswith(start):
            return words
    text = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text:
        return "un dibujo SVG"
    if text.startswith((b"<!doctype html", b"<html")):
        return "una página web"
    if head[4:8] == b"ftyp":
        return "un AVIF" if head[8:12] in (b"avif", b"avis") else "un video"
    return None


def dimensions(head: bytes) -> tuple[int, int] | None:
    """Width and height that the header claims; None when it is broken or lies further on."""
    readers = {
        "image/jpeg": _jpeg_dimensions,
        "image/png": _png_dimensions,
        "image/webp": _webp_dimensions,
        "image/heic": _heic_dimensions,
    }
    kind = content_type(head)
    try:
        return readers[kind](head) if kind else None
    except (struct.error, IndexError):
        return None


def _is_heic(head: bytes) -> bool:
    if head[4:8] != b"ftyp":
        return False
    size = int.from_bytes(head[:4], "big")
    compatible = {head[i : i + 4] for i in range(16, min(size, 256, len(head)), 4)}
    major = head[8:12]
    return major in HEIC_BRANDS or (major in HEIF_BRANDS and bool(compatible & HEIC_BRANDS))


def _png_dimensions(head: bytes) -> tuple[int, int] | None:
    if head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", head, 16)
    return width, height


def _jpeg_dimensions(head: bytes) -> tuple[int, int] | None:
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in NO_FRAME:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        at += 2 + struct.unpack_from(">H", head, at + 2)[0]
    return None


def _webp_dimensions(head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if kind == b"VP8X":
        width, height = head[24:27], head[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", head, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _heic_dimensions(head: bytes) -> tuple[int, int] | None:
    """The largest extent among the items, for tiles and thumbnails have theirs too."""
    found = [
        struct.unpack_from(">II", extent, 4)
        for meta in _boxes(head, b"meta")
        for properties in _boxes(meta[4:], b"iprp")
        for container in _boxes(properties, b"ipco")
        for extent in _boxes(container, b"ispe")
    ]
    return max(found, key=lambda size: size[0] * size[1], default=None)


def _boxes(data: bytes, wanted: bytes) -> Iterator[bytes]:
    """The contents of the ISO boxes of one kind directly inside `data`."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        start = 8
        if size == 1:
            size, start = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = len(data) - at
        if size < start:
            return
        if kind == wanted:
            yield data[at + start : at + size]
        at += size

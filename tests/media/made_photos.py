"""Photos made for tests, and files that only pretend to be photos."""

import random
import struct
import zlib
from io import BytesIO

import numpy
from PIL import Image

from backend.photo_pixels import use_heif

use_heif()  # Pillow writes HEIC for these tests, too
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'
TIFF = b"II*\x00\x08\x00\x00\x00" + bytes(64)
GIF = b"GIF89a\x10\x00\x10\x00" + bytes(64)
VIDEO = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(64)
AVIF = b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avifmiaf" + bytes(64)
BROKEN_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(range(256)) * 4


def photo(kind: str = "JPEG", size: tuple[int, int] = (800, 600), **options: object) -> bytes:
    """A noisy picture, so that its bytes are unlike any other file's."""
    noise = random.Random(repr((kind, size))).randbytes(size[0] * size[1] * 3)
    target = BytesIO()
    Image.frombytes("RGB", size, noise).save(target, kind, **options)
    return target.getvalue()


def plain_photo(kind: str, size: tuple[int, int], mode: str = "RGB") -> bytes:
    """A picture of one colour: small as a file, large when decoded."""
    target = BytesIO()
    Image.new(mode, size).save(target, kind)
    return target.getvalue()


def png_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of 900 megapixels in less than a megabyte."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def pixels(content: bytes, size: tuple[int, int] = (64, 64)) -> numpy.ndarray:
    """A picture's grey values at a small common size."""
    with Image.open(BytesIO(content)) as image:
        return numpy.asarray(image.convert("L").resize(size), dtype=float)


def likeness(one: numpy.ndarray, other: numpy.ndarray) -> float:
    """Correlation of two pictures: 1 when they show the same."""
    return float(numpy.corrcoef(one.ravel(), other.ravel())[0, 1])

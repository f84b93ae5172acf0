"""Derive a 12 MP JPEG against pyvips making the same two pictures; `python -m bench.derivation`.

Ours is measured as a worker pays for it: pipes to the decoder process, claims and colour
conversion included. Prints the median of interleaved rounds and their ratio (target: 1.2).
"""

import statistics
import time
from collections.abc import Callable
from io import BytesIO

import pyvips
from PIL import Image, ImageFilter

from backend.media.decoder_client import PhotoDecoder
from backend.photo_pixels import JPEG_QUALITY, LARGE_PIXELS, SMALL_PIXELS

ROUNDS = 5
PHOTOS_PER_ROUND = 10
TARGET = 1.2


def photo_of_12_megapixels() -> bytes:
    """About 3 MB, as phones write them: smooth shapes under sensor noise, with EXIF."""
    size = (4000, 3000)
    shapes = Image.merge(
        "RGB",
        [Image.radial_gradient("L").rotate(turn).resize(size) for turn in (0, 90, 180)],
    )
    noise = Image.effect_noise(size, 40).convert("RGB").filter(ImageFilter.GaussianBlur(0.6))
    exif = Image.Exif()
    exif[274] = 1
    target = BytesIO()
    Image.blend(shapes, noise, 0.4).save(target, "JPEG", quality=85, exif=exif)
    return target.getvalue()


def derive_with_pyvips(photo: bytes) -> tuple[bytes, bytes]:
    """The straightforward pyvips program: shrink on load, upright, no metadata."""
    large = pyvips.Image.thumbnail_buffer(
        photo, LARGE_PIXELS, height=LARGE_PIXELS, size="down"
    ).copy_memory()
    small = large.thumbnail_image(SMALL_PIXELS, height=SMALL_PIXELS, size="down")
    return (
        large.jpegsave_buffer(Q=JPEG_QUALITY, strip=True),
        small.jpegsave_buffer(Q=JPEG_QUALITY, strip=True),
    )


def milliseconds_each(derive: Callable[[bytes], object], photo: bytes) -> float:
    """Mean over one round."""
    started = time.perf_counter()
    for _ in range(PHOTOS_PER_ROUND):
        derive(photo)
    return (time.perf_counter() - started) * 1000 / PHOTOS_PER_ROUND


def main() -> None:
    """Measure both sides by turns and print."""
    photo = photo_of_12_megapixels()
    decoder = PhotoDecoder()
    sides: dict[str, Callable[[bytes], object]] = {
        "ours": decoder.derive,
        "pyvips": derive_with_pyvips,
    }
    pyvips.cache_set_max(0)  # it must not remember the picture from round to round
    for derive in sides.values():
        derive(photo)
    rounds = [
        {name: milliseconds_each(derive, photo) for name, derive in sides.items()}
        for _ in range(ROUNDS)
    ]
    decoder.close()
    medians = {name: statistics.median(each[name] for each in rounds) for name in sides}
    print(f"12 MP JPEG of {len(photo) / 1e6:.1f} MB to {LARGE_PIXELS} and {SMALL_PIXELS} px:")
    for name, value in medians.items():
        print(f"  {name:7} {value:6.1f} ms")
    ratio = medians["ours"] / medians["pyvips"]
    print(f"  ratio   {ratio:6.2f} (target: {TARGET} at most)")


if __name__ == "__main__":
    main()

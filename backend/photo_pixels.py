"""The pictures made of a photo and the claims read from it; the decoder process calls it.

Runs native decoders over hostile bytes, so nothing but that process, which holds no keys and
has limits of memory and time, should call `derive`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, WebPImagePlugin

LARGE_PIXELS = 1600
SMALL_PIXELS = 320
MAX_PIXELS = 50_000_000
JPEG_QUALITY = 80
FORMATS = ("JPEG", "PNG", WebPImagePlugin.WebPImageFile.format, "HEIF")

EXIF_FOLDER, GPS_FOLDER = 0x8769, 0x8825
ORIENTATION = 274
TAKEN_AT = ((36867, 36881), (36868, 36882))  # original, digitized; each with its zone
YEARS_OF_CAMERAS = range(1970, 2200)
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
NEEDED_LATER = (
    "_strptime",
    "encodings.utf_16",
    "PIL.ImageOps",
    "PIL.MpoImagePlugin",
    "PIL.TiffImagePlugin",
)
SIDES_SWAPPED = {UPRIGHT[orientation] for orientation in (5, 6, 7, 8)}


class TooManyPixels(Exception):
    """The picture is larger than we decode."""


@dataclass(frozen=True)
class Derivation:
    """The two pictures to show, and what the original says of itself."""

    large: bytes  # JPEG of LARGE_PIXELS at most
    small: bytes  # JPEG of SMALL_PIXELS at most
    width: int  # of the original, upright
    height: int
    taken_at: datetime | None  # naive unless the camera wrote its zone
    gps: tuple[float, float] | None  # latitude, longitude


def derive(photo: bytes) -> Derivation:
    """Upright sRGB JPEGs without metadata; raises whatever the decoders do on broken ones."""
    with _opened(photo) as image:
        size = image.size
        if size[0] * size[1] > MAX_PIXELS:
            raise TooManyPixels
        # A JPEG is decoded at half, quarter or eighth scale, in half the time, provided that
        # the box asked for has the picture's own proportions.
        image.draft(None, _fit(size, LARGE_PIXELS))
        image.load()
        exif = image.getexif()
        turn = UPRIGHT.get(_orientation(exif))
        large = _shrink(_resizable(image), _fit(size, LARGE_PIXELS))
        large = _to_srgb(_on_white(large), image.info.get("icc_profile"))
    if turn is not None:
        large = large.transpose(turn)
    width, height = size[::-1] if turn in SIDES_SWAPPED else size
    small = _shrink(large, _fit(large.size, SMALL_PIXELS))
    return Derivation(_jpeg(large), _jpeg(small), width, height, _taken_at(exif), _position(exif))


def _opened(photo: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(photo), formats=FORMATS)
    except Image.DecompressionBombError:  # Pillow's own limit, for sizes far above ours
        raise TooManyPixels from None


def use_heif() -> None:
    """Teach Pillow to read HEIC; once per process."""
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def load_everything() -> None:
    """Load what Pillow and Python would look for only when a photo needs it."""
    use_heif()
    Image.preinit()
    for name in NEEDED_LATER:
        import_module(name)


def _fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
    scale = min(1.0, longest / max(size))
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _shrink(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image.copy()
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _resizable(image: Image.Image) -> Image.Image:
    """In a mode that can be resized well: L, RGB, RGBA or CMYK."""
    if image.mode in ("L", "RGB", "RGBA", "CMYK"):
        return image
    if image.mode.startswith("I"):  # 16 bits of grey: keep the upper eight
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode == "1":
        return image.convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _to_srgb(image: Image.Image, profile: Any) -> Image.Image:
    if isinstance(profile, bytes) and profile:
        try:
            converted = ImageCms.profileToProfile(
                image, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):  # a broken profile spoils only the colours
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    image.info = {}  # Pillow would carry a comment over
    target = BytesIO()
    image.save(target, "JPEG", quality=JPEG_QUALITY)
    return target.getvalue()


def _orientation(exif: Image.Exif) -> int:
    value = exif.get(ORIENTATION)
    return value if isinstance(value, int) else 1


def _taken_at(exif: Image.Exif) -> datetime | None:
    folder = _folder(exif, EXIF_FOLDER)
    for time_tag, zone_tag in TAKEN_AT:
        text, zone = folder.get(time_tag), folder.get(zone_tag)
        for pattern, value in (
            ("%Y:%m:%d %H:%M:%S%z", f"{text}{zone}"),
            ("%Y:%m:%d %H:%M:%S", text),
        ):
            try:
                taken = datetime.strptime(str(value).strip("\x00 "), pattern)  # noqa: DTZ007 cameras write local time
            except ValueError:
                continue
            # Near the ends of the calendar a stored time cannot be read back.
            if taken.year in YEARS_OF_CAMERAS:
                return taken
    return None


def _position(exif: Image.Exif) -> tuple[float, float] | None:
    folder = _folder(exif, GPS_FOLDER)
    latitude = _degrees(folder.get(2), folder.get(1), "S", 90)
    longitude = _degrees(folder.get(4), folder.get(3), "W", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return latitude, longitude


def _degrees(parts: Any, reference: Any, negative: str, limit: int) -> float | None:
    if not isinstance(parts, Iterable) or isinstance(parts, (str, bytes)):
        return None
    try:
        values = [float(part) for part in parts]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if len(values) != 3:
        return None
    degrees = values[0] + values[1] / 60 + values[2] / 3600
    if not 0 <= degrees <= limit:  # NaN is refused here too
        return None
    return round(-degrees if str(reference).strip("\x00 ").upper() == negative else degrees, 6)


def _folder(exif: Image.Exif, tag: int) -> dict[int, Any]:
    """One EXIF folder, empty when it is broken: a claim that cannot be read means nothing."""
    try:
        return dict(exif.get_ifd(tag))
    except Exception:  # whatever the parser trips over
        return {}

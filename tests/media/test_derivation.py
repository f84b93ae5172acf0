"""The pictures made of real and hostile photos, and the process that makes them."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import numpy
import pytest
from PIL import Image, ImageCms, ImageOps

from backend.media.decoder_client import DecoderLimits, NotDerived, PhotoDecoder
from backend.photo_pixels import Derivation, derive
from tests.media.made_photos import (
    BROKEN_JPEG,
    PDF,
    likeness,
    photo,
    pixels,
    plain_photo,
    png_bomb,
)

ACCEPTED = (
    "gps_1.jpg",
    "gps_2.jpg",
    "gps_3.jpg",
    "invalid_1.jpg",
    "invalid_2.jpg",
    "iphone.heic",
    "iphone_hdr.jpg",
    "nokia_9mp.jpg",
    "orientation_3.jpg",
    "orientation_6.jpg",
    "orientation_8.jpg",
    "xmp_only.jpg",
)
# What exiftool says of itself and computes from the size alone.
NOT_IN_THE_FILE = {"ExifTool", "Composite"}


def opened(content: bytes) -> Image.Image:
    with Image.open(BytesIO(content)) as image:
        image.load()
        return image


def exiftool(path: Path) -> dict[str, str]:
    command = ["exiftool", "-json", "-G", "-a", "-u", "-U", "-ee", str(path)]
    answer = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return dict(json.loads(answer.stdout)[0])


@pytest.mark.parametrize("name", ACCEPTED)
def test_derivatives_of_real_photos_are_small_upright_and_say_nothing(
    name: str, real_photos: Path, decoder: PhotoDecoder, tmp_path: Path
) -> None:
    original = (real_photos / name).read_bytes()
    made = decoder.derive(original)
    upright = ImageOps.exif_transpose(opened(original))
    assert (made.width, made.height) == upright.size
    for content, longest in ((made.large, 1600), (made.small, 320)):
        picture = opened(content)
        assert picture.format == "JPEG"
        assert picture.mode == "RGB"
        assert max(picture.size) == min(longest, max(upright.size))
        assert picture.width / picture.height == pytest.approx(
            upright.width / upright.height, rel=0.02
        )
        path = tmp_path / "derivative.jpg"
        path.write_bytes(content)
        facts = exiftool(path)
        groups = {key.split(":")[0] for key in facts if ":" in key} - NOT_IN_THE_FILE
        assert groups == {"File", "JFIF"}
        assert "File:Comment" not in facts


@pytest.mark.parametrize("name", ["orientation_3.jpg", "orientation_6.jpg", "orientation_8.jpg"])
def test_the_scene_stands_upright_and_no_other_way(
    name: str, real_photos: Path, decoder: PhotoDecoder
) -> None:
    original = (real_photos / name).read_bytes()
    made = decoder.derive(original)
    upright = ImageOps.exif_transpose(opened(original)).convert("L").resize((64, 64))
    for content in (made.large, made.small):
        shown = pixels(content)
        assert likeness(shown, numpy.asarray(upright, dtype=float)) > 0.99
        for turn in Image.Transpose:
            turned = numpy.asarray(upright.transpose(turn), dtype=float)
            assert likeness(shown, turned) < 0.8


def test_two_orientations_of_one_scene_look_alike(real_photos: Path, decoder: PhotoDecoder) -> None:
    one, other = (
        pixels(decoder.derive((real_photos / f"orientation_{n}.jpg").read_bytes()).large)
        for n in (3, 6)
    )
    assert likeness(one, other) > 0.95


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_exif(orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    scene = Image.linear_gradient("L").resize((90, 60)).convert("RGB")
    scene.paste("red", (0, 0, 30, 20))
    target = BytesIO()
    scene.save(target, "JPEG", exif=exif, quality=95)
    expected = ImageOps.exif_transpose(opened(target.getvalue()))
    made = derive(target.getvalue())
    shown = numpy.asarray(opened(made.large), dtype=float)
    assert (made.width, made.height) == expected.size
    assert numpy.abs(shown - numpy.asarray(expected, dtype=float)).mean() < 4


@pytest.mark.parametrize(
    ("name", "position", "taken_at"),
    [
        ("gps_1.jpg", (43.467448, 11.885127), datetime.fromisoformat("2008-10-22 16:28:39")),
        ("gps_2.jpg", (43.468243, 11.880172), datetime.fromisoformat("2008-10-22 16:46:53")),
        (
            "nokia_9mp.jpg",
            (60.146706, 24.906772),
            datetime(2022, 8, 14, 14, 12, 31, tzinfo=timezone(timedelta(hours=3))),
        ),
        (
            "iphone.heic",
            (39.051344, -94.288772),
            datetime(2021, 4, 11, 15, 47, 53, tzinfo=timezone(timedelta(hours=-5))),
        ),
        ("xmp_only.jpg", None, None),
        ("invalid_1.jpg", None, None),
        ("invalid_2.jpg", None, None),
        ("orientation_8.jpg", None, None),
    ],
)
def test_claims_of_place_and_time_are_read(
    name: str,
    position: tuple[float, float] | None,
    taken_at: datetime | None,
    real_photos: Path,
    decoder: PhotoDecoder,
) -> None:
    made = decoder.derive((real_photos / name).read_bytes())
    assert made.gps == (pytest.approx(position, abs=1e-4) if position else None)
    assert made.taken_at == taken_at


def claims(gps: dict[int, object], taken_at: object = None) -> Derivation:
    exif = Image.Exif()
    exif[0x8825] = gps
    if taken_at is not None:
        exif[0x8769] = {36867: taken_at}
    return derive(photo("JPEG", (32, 32), exif=exif))


def test_lima_lies_south_and_west() -> None:
    made = claims({1: "S", 2: (12.0, 2.0, 45.0), 3: "W", 4: (77.0, 1.0, 50.0)})
    assert made.gps == (-12.045833, -77.030556)


@pytest.mark.parametrize(
    "gps",
    [
        {},
        {1: "S", 2: (12.0, 2.0, 45.0)},
        {1: "S", 2: (12.0, 2.0), 3: "W", 4: (77.0, 1.0, 50.0)},
        {1: "S", 2: (912.0, 2.0, 45.0), 3: "W", 4: (77.0, 1.0, 50.0)},
        {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)},
    ],
)
def test_nonsense_positions_mean_nothing(gps: dict[int, object]) -> None:
    assert claims(gps).gps is None


@pytest.mark.parametrize(
    "text",
    [
        "0000:00:00 00:00:00",
        "ayer",
        "",
        "2026:13:45 99:99:99",
        # The database takes these with a zone, and nobody could read them back.
        "0001:01:01 00:00:00",
        "9999:12:31 23:59:59",
    ],
)
def test_nonsense_times_mean_nothing(text: str) -> None:
    assert claims({}, text).taken_at is None


def test_wide_colours_of_an_iphone_become_srgb(real_photos: Path, decoder: PhotoDecoder) -> None:
    original = (real_photos / "iphone.heic").read_bytes()
    image = opened(original)
    profile = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
    assert "P3" in ImageCms.getProfileDescription(profile)
    small = image.resize((64, 64)).convert("RGB")
    right = ImageCms.profileToProfile(small, profile, ImageCms.createProfile("sRGB"))
    shown = numpy.asarray(opened(decoder.derive(original).large).resize((64, 64)), dtype=float)
    error = numpy.abs(shown - numpy.asarray(right, dtype=float)).mean()
    error_if_ignored = numpy.abs(shown - numpy.asarray(small, dtype=float)).mean()
    assert error < error_if_ignored / 2


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGBA"),
        ("PNG", "LA"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("PNG", "L"),
        ("PNG", "I;16"),
        ("WEBP", "RGBA"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("HEIF", "RGBA"),
        ("HEIF", "L"),
    ],
)
def test_every_kind_of_picture_becomes_an_rgb_jpeg(kind: str, mode: str) -> None:
    made = derive(plain_photo(kind, (400, 300), mode))
    assert opened(made.large).mode == "RGB"
    assert opened(made.small).size == (320, 240)


def test_what_is_transparent_is_shown_on_white() -> None:
    made = derive(plain_photo("PNG", (50, 50), "RGBA"))
    assert opened(made.large).getpixel((25, 25)) == (255, 255, 255)


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    target = BytesIO()
    Image.new("I;16", (50, 50), 128 * 256).save(target, "PNG")
    assert opened(derive(target.getvalue()).large).getpixel((25, 25)) == (128, 128, 128)


def test_a_comment_does_not_survive() -> None:
    made = derive(photo("JPEG", comment=b"escrito por Rosa"))
    assert b"Rosa" not in made.large + made.small


@pytest.mark.parametrize(
    "content", [BROKEN_JPEG, PDF, b"", photo("JPEG")[:5000], photo("HEIF")[:5000]]
)
def test_broken_photos_give_a_reason(content: bytes, decoder: PhotoDecoder) -> None:
    with pytest.raises(NotDerived) as failed:
        decoder.derive(content)
    assert failed.value.reason.startswith("unreadable")


def test_too_many_pixels_are_not_decoded(decoder: PhotoDecoder) -> None:
    started = time.perf_counter()
    with pytest.raises(NotDerived, match="too_many_pixels"):
        decoder.derive(png_bomb())
    assert time.perf_counter() - started < 5


def test_a_memory_bomb_is_stopped_and_the_next_photo_derived() -> None:
    decoder = PhotoDecoder(DecoderLimits(memory_bytes=250 * 1024 * 1024))
    try:
        with pytest.raises(NotDerived, match=r"too_much_memory|decoder_died"):
            decoder.derive(plain_photo("PNG", (8000, 6000), "RGBA"))
        assert decoder.derive(photo()).width == 800
    finally:
        decoder.close()


def test_a_slow_photo_is_stopped_and_the_next_one_derived() -> None:
    decoder = PhotoDecoder(DecoderLimits(seconds=0.5))
    try:
        with pytest.raises(NotDerived, match="too_slow"):
            decoder.derive(plain_photo("WEBP", (8000, 6000)))
        assert decoder.derive(photo("JPEG", (64, 64))).width == 64
    finally:
        decoder.close()


def test_a_decoder_that_hangs_is_killed_from_outside() -> None:
    decoder = PhotoDecoder(DecoderLimits(seconds=0.5))
    try:
        small = photo("JPEG", (64, 64))
        decoder.derive(small)
        os.kill(process_id(decoder), signal.SIGSTOP)
        with pytest.raises(NotDerived, match="too_slow"):
            decoder.derive(small)
        assert decoder.derive(small).width == 64
    finally:
        decoder.close()


def test_a_decoder_that_died_is_replaced() -> None:
    decoder = PhotoDecoder()
    try:
        decoder.derive(photo())
        first = process_id(decoder)
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        assert decoder.derive(photo()).width == 800
        assert process_id(decoder) != first
    finally:
        decoder.close()


def test_the_decoder_knows_no_secrets_and_writes_no_files(
    decoder: PhotoDecoder,
) -> None:
    decoder.derive(photo())
    process = Path(f"/proc/{process_id(decoder)}")
    assert process.joinpath("environ").read_bytes() == b"MALLOC_ARENA_MAX=1\x00"
    limits = process.joinpath("limits").read_text()
    for limit in ("Max file size", "Max core file size", "Max open files"):
        line = next(line for line in limits.splitlines() if line.startswith(limit))
        assert line.split()[-3:-1] == ["0", "0"]
    names = {str(link.readlink()) for link in process.joinpath("fd").iterdir()}
    assert not [name for name in names if "socket:" in name]


def test_the_decoder_is_nobody_and_can_become_nobody_else(decoder: PhotoDecoder) -> None:
    decoder.derive(photo())
    lines = Path(f"/proc/{process_id(decoder)}/status").read_text().splitlines()
    status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    assert status["NoNewPrivs"] == ["1"]
    assert int(status["CapEff"][0], 16) == int(status["CapPrm"][0], 16) == 0
    identity = os.geteuid() or 65534  # root works as nobody, anybody else as themselves
    assert status["Uid"] == [str(identity)] * 4
    if os.geteuid() == 0:
        assert status["Gid"] == ["65534"] * 4
        assert status["Groups"] == []


def test_the_decoder_cannot_read_the_keys(tmp_path: Path) -> None:
    keys = tmp_path / "keyring.json"
    keys.write_text("{}")
    keys.chmod(0o600)
    program = (
        "import sys; from backend.media import decoder_client as child\n"
        "child.give_up_rights(2**30)\n"
        "try: print(open(sys.argv[1]).read())\n"
        "except OSError: print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(keys)], capture_output=True, check=True, text=True
    )
    assert done.stdout == "refused\n"


def process_id(decoder: PhotoDecoder) -> int:
    assert decoder._child is not None
    return decoder._child.pid


def test_times_with_a_zone_are_the_instant_that_they_mean(
    real_photos: Path, decoder: PhotoDecoder
) -> None:
    made = decoder.derive((real_photos / "nokia_9mp.jpg").read_bytes())
    assert made.taken_at is not None
    assert made.taken_at.astimezone(UTC) == datetime(2022, 8, 14, 11, 12, 31, tzinfo=UTC)

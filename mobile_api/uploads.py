"""Photos on their way in: sealed while they stream, so that none lies in plaintext on disk."""

import io
from typing import IO, Any

from flask import Request, g
from werkzeug.datastructures import FileStorage

from backend.app import parts_of
from backend.errors import TooLarge, wrong_field
from backend.media import services as media
from backend.media.models import MAX_PHOTOS
from backend.sealing import SealingWriter

# The longest form, with an accent or emoji wherever one fits.
MAX_JSON_PART_BYTES = 256 * 1024
# Four photos and what surrounds them.
MAX_REPORT_BYTES = MAX_PHOTOS * media.MAX_PHOTO_BYTES + 1024 * 1024
# After a refusal the rest of the body is read and dropped, so that the phone hears the answer.
DRAIN_BYTES = 8 * 1024 * 1024


class PhotoStream(io.RawIOBase):
    """What Werkzeug's parser writes a file part into: a sealing writer behind a file's face."""

    def __init__(self, writer: SealingWriter) -> None:
        super().__init__()
        self.writer = writer

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self.writer.write(bytes(data))

    def seek(self, offset: int, whence: int = 0) -> int:
        """The parser rewinds when it is done; nobody reads a sealed stream."""
        return 0


class JsonPart(io.BytesIO):
    """A small part held in memory: `datos` sent as a part with a type of its own."""

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > MAX_JSON_PART_BYTES:
            raise TooLarge("El texto del reporte es demasiado largo.")
        return super().write(data)


class SealingRequest(Request):
    """A request whose file parts never touch the disk in plaintext."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if (content_type or "").startswith("application/json"):
            return JsonPart()
        streams = g.setdefault("photo_streams", [])
        if len(streams) >= MAX_PHOTOS:
            raise wrong_field("foto", f"Puedes enviar hasta {MAX_PHOTOS} fotos.")
        parts = parts_of()
        _ensure_room()
        stream = PhotoStream(media.begin_upload(parts.storage, parts.settings.keys))
        streams.append(stream)
        return stream  # type: ignore[return-value]  # the parser only writes and rewinds


def received_photos(files: list[FileStorage]) -> list[media.ReceivedPhoto]:
    """Finish the uploads of one request; an empty file field, as forms send it, is no photo."""
    photos = []
    for file in files:
        if not isinstance(file.stream, PhotoStream):
            raise wrong_field("foto", "Cada foto debe enviarse como archivo.")
        if not file.filename and file.stream.writer.size_bytes == 0:
            continue
        photos.append(media.finish_upload(file.stream.writer))
    return photos


def json_part(file: FileStorage) -> bytes:
    """The content of a part that came as `application/json`; any other file is refused."""
    if not isinstance(file.stream, JsonPart):
        raise wrong_field("datos", "Envía los datos como texto o como parte application/json.")
    return file.stream.getvalue()


def discard_uploads() -> None:
    """Remove every photo of this request: it was refused, or answered from an earlier one."""
    for stream in g.pop("photo_streams", []):
        stream.writer.discard()


def discard_unfinished(_: BaseException | None) -> None:
    """After each request: photos that broke off, or that nobody asked for, leave nothing."""
    for stream in g.get("photo_streams", []):
        if not stream.writer.is_finished:
            stream.writer.discard()


def drain(stream: IO[bytes]) -> None:
    """Read on for a while, so that the answer is not lost in a reset connection."""
    left = DRAIN_BYTES
    while left > 0 and (chunk := stream.read(min(left, 256 * 1024))):
        left -= len(chunk)


def _ensure_room() -> None:
    settings = parts_of().settings
    media.ensure_room(
        parts_of().storage,
        settings.media_quota_mb * 1_000_000,
        settings.media_floor_mb * 1_000_000,
    )

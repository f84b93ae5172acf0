"""Where sealed files lie, on local disk or in an S3-compatible store; media's services call it.

Only sealed bytes ever pass through here, under random names that say nothing.
"""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from backend.errors import StorageFull
from backend.sealing import SealedSink

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

NO_ROOM = "No queda espacio para fotos. Envía tu reporte sin foto."
NO_ANSWER = "Por ahora no podemos guardar fotos. Envía tu reporte sin foto."
CONNECT_SECONDS = 3
READ_SECONDS = 20
ATTEMPTS = 3
GAUGE_SECONDS = 60


class MediaMissing(Exception):
    """No file lies under that name."""


class MediaUnreachable(StorageFull):
    """The store gave no usable answer: to the sender as if it were full, later it may work."""


class MediaStorage(Protocol):
    """The one interface to wherever media lie."""

    def create(self, name: str) -> SealedSink:
        """A new file; it exists for others once its `commit` has returned."""

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Read a file from its start; raises `MediaMissing`."""

    def delete(self, name: str) -> None:
        """Remove a file; nothing happens when there is none."""

    def names_older_than(self, moment: datetime) -> Iterator[str]:
        """Every file last written before that moment."""

    def used_bytes(self) -> int:
        """What all files take, as of a short while ago."""

    def free_bytes(self) -> int | None:
        """Room left below, or None where the store knows no such limit."""


class UsageGauge:
    """Remembers a walk over all files, the longer the walk took, and counts what is added."""

    def __init__(self, measure: Callable[[], int]) -> None:
        self._measure = measure
        self._used_bytes = 0
        self._valid_until = 0.0

    def read(self) -> int:
        """The bytes in use, at most a minute old or a hundred times the walk's duration."""
        started = time.monotonic()
        if started >= self._valid_until:
            self._used_bytes = self._measure()
            walked = time.monotonic() - started
            self._valid_until = started + max(GAUGE_SECONDS, 100 * walked)
        return self._used_bytes

    def add(self, size: int) -> None:
        """Count a file that this process has just stored."""
        self._used_bytes += size


class LocalSink:
    """A file on local disk, its folder entry made durable together with its content.

    It carries its final name from the start: nothing refers to it before its row commits,
    which happens after `commit`, so a half-written file is only an orphan for the sweep.
    """

    def __init__(self, path: Path, gauge: UsageGauge) -> None:
        self._path = path
        self._gauge = gauge
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes, /) -> None:
        with _telling_full():
            self._file.write(data)

    def commit(self) -> None:
        with _telling_full():
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._gauge.add(self._file.tell())
            _sync_folder(self._path.parent)

    def discard(self) -> None:
        self._path.unlink(missing_ok=True)
        with suppress(OSError):  # what the full disk did not take is not wanted any more
            self._file.close()


class LocalMediaStorage:
    """Files below one folder, spread by the first two symbols of their names."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._gauge = UsageGauge(lambda: sum(facts.st_size for _, facts in self._files()))

    def create(self, name: str) -> SealedSink:
        path = self._path(name)
        with _telling_full():
            if not path.parent.is_dir():
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _sync_folder(self._root)
            return LocalSink(path, self._gauge)

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        try:
            return self._path(name).open("rb")
        except FileNotFoundError:
            raise MediaMissing(name) from None

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names_older_than(self, moment: datetime) -> Iterator[str]:
        for file, facts in self._files():
            if facts.st_mtime < moment.timestamp():
                yield file

    def used_bytes(self) -> int:
        return self._gauge.read()

    def free_bytes(self) -> int | None:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self._root).free

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        for folder in sorted(self._root.glob("[0-9a-f][0-9a-f]")):
            with os.scandir(folder) as entries:
                for entry in entries:
                    try:
                        yield entry.name, entry.stat()
                    except FileNotFoundError:
                        continue  # deleted while we walk

    def _path(self, name: str) -> Path:
        if not (name.isalnum() and name.isascii()):
            raise ValueError("a media name has letters and digits only")
        return self._root / name[:2] / name


class S3Sink:
    """Sealed bytes gathered in an unnamed local file, sent in one request by `commit`."""

    def __init__(self, storage: "S3MediaStorage", name: str) -> None:
        self._storage = storage
        self._name = name
        self._may_be_stored = False
        self._file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 closed by commit or discard

    def write(self, data: bytes, /) -> None:
        with _telling_full():
            self._file.write(data)

    def commit(self) -> None:
        with self._file:
            self._may_be_stored = True
            self._storage.send(self._name, self._file)

    def discard(self) -> None:
        self._file.close()
        if self._may_be_stored:
            self._storage.delete(self._name)


class S3MediaStorage:
    """Objects below a prefix of one bucket; credentials come from boto3's usual places.

    Checksums are sent only where the protocol demands them, because stores that merely
    resemble S3 refuse the newer kinds; the seal detects damage anyway.
    """

    def __init__(self, bucket: str, prefix: str, endpoint: str | None, region: str | None) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._endpoint = endpoint
        self._region = region
        self._gauge = UsageGauge(lambda: sum(size for _, size, _ in self._objects()))

    def create(self, name: str) -> SealedSink:
        return S3Sink(self, name)

    def send(self, name: str, content: BinaryIO) -> None:
        """Store one object whole; there is no half of it to be seen."""
        size = content.seek(0, os.SEEK_END)
        content.seek(0)
        with _reaching():
            self._client.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=content)
        self._gauge.add(size)

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        with _reaching():
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
            except self._client.exceptions.NoSuchKey:
                raise MediaMissing(name) from None
            return BytesIO(answer["Body"].read())  # whole, lest the line break under the reader

    def delete(self, name: str) -> None:
        with _reaching():
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name)

    def names_older_than(self, moment: datetime) -> Iterator[str]:
        for key, _, modified in self._objects():
            if modified < moment:
                yield key.removeprefix(self._prefix)

    def used_bytes(self) -> int:
        return self._gauge.read()

    def free_bytes(self) -> int | None:
        return None

    def _objects(self) -> Iterator[tuple[str, int, datetime]]:
        pages = self._client.get_paginator("list_objects_v2")
        with _reaching():
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for item in page.get("Contents", []):
                    yield item["Key"], item["Size"], item["LastModified"].astimezone(UTC)

    @cached_property
    def _client(self) -> "S3Client":
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        # A session of our own: boto3's default one is not safe to share between threads.
        client: S3Client = Session().client(
            "s3", endpoint_url=self._endpoint, region_name=self._region, config=config
        )
        return client


def storage_from_url(url: str) -> MediaStorage:
    """The storage that `YA_MEDIA_URL` names: file:///folder or s3://bucket/prefix?endpoint=&region=."""
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return LocalMediaStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        options = parse_qs(parts.query)
        prefix = parts.path.strip("/")
        return S3MediaStorage(
            parts.netloc,
            f"{prefix}/" if prefix else "",
            options.get("endpoint", [None])[0],
            options.get("region", [None])[0],
        )
    raise ValueError("YA_MEDIA_URL must be file:///folder or s3://bucket/prefix")


@contextmanager
def _telling_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(NO_ROOM) from error
        raise


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise MediaUnreachable(NO_ANSWER) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

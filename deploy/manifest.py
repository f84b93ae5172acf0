"""What a backup says about itself: its files' hashes and the keys that open it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from backend.crypto import KeyRing, Purpose
from deploy.console import OperatorError

FORMAT = 1
MANIFEST = "manifiesto.json"
DATABASE = "base.dump"
MEDIA = "medios.tar"
PART = ".incompleto"
# Without these a backup cannot be read; every other key can be made anew.
SEALING: tuple[Purpose, ...] = ("master", "vault")


@dataclass(frozen=True)
class Manifest:
    created_at: str
    revision: str
    files: dict[str, str]  # name -> SHA-256
    media_count: int | None  # None: they are in a bucket, which has backups of its own
    master_keys: list[str]
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        try:
            manifest = cls(**json.loads((folder / MANIFEST).read_text()))
        except (OSError, TypeError, ValueError) as error:
            raise OperatorError(f"{folder} no es un respaldo completo: {error}") from error
        if manifest.format != FORMAT:
            raise OperatorError(f"{folder} es de un formato que esta versión no conoce.")
        return manifest

    def check_files(self, folder: Path) -> None:
        for name, digest in self.files.items():
            if not (folder / name).is_file() or sha256_of(folder / name) != digest:
                raise OperatorError(f"{folder / name} falta o está dañado.")

    def check_keys(self, ring: KeyRing) -> None:
        lost = set(self.master_keys) - set(fingerprints(ring))
        if lost:
            raise OperatorError(
                "Estas llaves no abren este respaldo: indica las que se guardaron con él, "
                "KEYS=archivo."
            )


def fingerprints(ring: KeyRing) -> list[str]:
    """Tells the keys that data are sealed with apart, without telling anything about them.

    They are 256 random bits each.
    """
    keys = [key for purpose in SEALING for key in ring.keys.get(purpose, {}).values()]
    return sorted(hashlib.sha256(b"yo-alerto backup" + key).hexdigest() for key in keys)


def sha256_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

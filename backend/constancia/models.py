"""The words of a constancia: what was signed, with which key, and what checking it may find."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What checking a constancia found."""

    GOOD = "good"
    UNREADABLE = "unreadable"  # not a code of ours, or only a part of one
    CHANGED = "changed"
    UNKNOWN_KEY = "unknown_key"
    KEY_RETIRED = "key_retired"  # signed after its key was taken out of use
    KEY_TOO_YOUNG = "key_too_young"  # says a time before its key existed
    OTHER_CONTENT = "other_content"  # the code is good, but it is another document's


@dataclass(frozen=True)
class PublishedKey:
    """The public half of a key, and the time in which it signed."""

    version: int
    public: bytes
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Code:
    """What a code says, believed or not."""

    key_version: int
    numero: str
    issued_at: datetime
    digest: bytes
    signed: bytes
    signature: bytes


@dataclass(frozen=True)
class Checked:
    """The verdict on a code, and what the code says where it can be read."""

    verdict: Verdict
    numero: str | None = None
    issued_at: datetime | None = None
    key_version: int | None = None


@dataclass(frozen=True)
class Payload:
    """A constancia as issued: its code, and the content and salt that the code vouches for."""

    code: str
    content: Mapping[str, Any]
    salt: bytes
    key_version: int
    issued_at: datetime

    @property
    def text(self) -> str:
        """The document that is kept, and attached to the PDF."""
        document = {"codigo": self.code, "contenido": self.content, "sal": self.salt.hex()}
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

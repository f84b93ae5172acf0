"""Scores how likely a report is a nuisance, from what it says and what came with it."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Flag(StrEnum):
    """Something that an officer should know about a report; none of them is a verdict."""

    CLOCK_AHEAD = "clock_ahead"  # occurrence in the future
    CLOCK_BEHIND = "clock_behind"  # occurrence long ago
    POOR_ACCURACY = "poor_accuracy"
    NO_GPS = "no_gps"
    PLACE_ABROAD_MARGIN = "place_abroad_margin"
    NO_JURISDICTION = "no_jurisdiction"
    PHOTO_BROKEN = "photo_broken"
    PHOTO_ELSEWHERE = "photo_elsewhere"
    PHOTO_OLD = "photo_old"
    NOTHING_SAID = "nothing_said"
    REPEATED_TEXT = "repeated_text"
    PHONE_FLOOD = "phone_flood"
    PLACE_FLOOD = "place_flood"
    SAME_PERSON = "same_person"  # several denuncias with one document within a day


# What each sign adds; at HOLD_AT a report that is not urgent waits in the review tray.
# Our own proposal (design §3): a wrong clock or place is the phone's fault, not a nuisance.
NUISANCE: dict[Flag, int] = {
    Flag.NOTHING_SAID: 2,
    Flag.REPEATED_TEXT: 3,
    Flag.PHONE_FLOOD: 3,
    Flag.PLACE_FLOOD: 3,
    Flag.PHOTO_ELSEWHERE: 3,
    Flag.PHOTO_OLD: 3,
    Flag.PHOTO_BROKEN: 1,
}
HOLD_AT = 3

PHOTO_DISTANCE_METRES = 5_000
PHOTO_AGE = timedelta(hours=24)
MIN_TEXT_TO_COMPARE = 12


@dataclass(frozen=True)
class PhotoEvidence:
    """What a photo says of itself; None where it says nothing, which means nothing."""

    metres_from_report: float | None
    taken_at: datetime | None
    is_broken: bool


@dataclass(frozen=True)
class Assessment:
    """The marks of a report and what follows from them."""

    flags: tuple[Flag, ...]
    nuisance: int

    @property
    def should_hold(self) -> bool:
        return self.nuisance >= HOLD_AT


def assess(
    *,
    description: str,
    received_at: datetime,
    photos: Sequence[PhotoEvidence],
    earlier_flags: Iterable[str],
    same_text_count: int,
    same_place_count: int,
    place_flood_limit: int,
) -> Assessment:
    """All marks of a report, old and new, and their sum."""
    flags = {Flag(name) for name in earlier_flags}
    good_photos = [photo for photo in photos if not photo.is_broken]
    if len(good_photos) < len(photos):
        flags.add(Flag.PHOTO_BROKEN)
    if not description.strip() and not good_photos:
        flags.add(Flag.NOTHING_SAID)
    if same_text_count > 0:
        flags.add(Flag.REPEATED_TEXT)
    if same_place_count > place_flood_limit:
        flags.add(Flag.PLACE_FLOOD)
    if any(_is_elsewhere(photo) for photo in good_photos):
        flags.add(Flag.PHOTO_ELSEWHERE)
    if any(_is_old(photo, received_at) for photo in good_photos):
        flags.add(Flag.PHOTO_OLD)
    ordered = tuple(sorted(flags))
    return Assessment(ordered, sum(NUISANCE.get(flag, 0) for flag in ordered))


def text_hash(description: str) -> bytes | None:
    """A hash that repeats when the text does, whatever its case, accents and spaces.

    None for texts so short that different people write them alike.
    """
    plain = unicodedata.normalize("NFKD", description).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", " ", plain).strip()
    if len(words) < MIN_TEXT_TO_COMPARE:
        return None
    return hashlib.sha256(words.encode()).digest()


def _is_elsewhere(photo: PhotoEvidence) -> bool:
    return photo.metres_from_report is not None and photo.metres_from_report > PHOTO_DISTANCE_METRES


def _is_old(photo: PhotoEvidence, received_at: datetime) -> bool:
    return photo.taken_at is not None and received_at - photo.taken_at > PHOTO_AGE

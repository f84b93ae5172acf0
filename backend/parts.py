"""What a running process has at hand; made once by `backend.app`, passed to the journey."""

from dataclasses import dataclass

from backend.catalog.models import Catalog
from backend.media.storage_client import MediaStorage
from backend.queue import Doorbell
from backend.settings import Settings


@dataclass(frozen=True)
class Parts:
    """Settings, catalogue, media storage and doorbell of this process."""

    settings: Settings
    catalog: Catalog
    storage: MediaStorage
    doorbell: Doorbell

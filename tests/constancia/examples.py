"""A denuncia's content and keys of known bytes, for the tests of constancias."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.constancia.models import Payload, PublishedKey
from backend.constancia.services import _issue_with

NUMERO = "YA-7K2M-Q9XD-1"
RECEIVED = datetime(2026, 11, 21, 13, 15, 7, 250_000, tzinfo=UTC)
SALT = bytes(range(16))
ADDRESS = "https://yoalerto.example.gob.pe"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
RETIRED = datetime(2026, 12, 1, tzinfo=UTC)
SECRETS = {1: b"\x07" * 32, 2: b"\x08" * 32}


def content(**changes: Any) -> dict[str, Any]:
    """What a theft's constancia says."""
    return {
        "numero": NUMERO,
        "tipo": "denuncia",
        "asunto": "Me robaron el celular",
        "recibido_en": "2026-11-21T08:15-05:00",
        "unidad": "Comisaría de prueba oeste",
        "distrito": "Callao, Callao",
        "relato": "Subí al bus en la avenida.\nDos hombres me quitaron el celular.",
        "ocurrio": {"desde": "2026-11-20T19:30-05:00", "hasta": None},
        "personas": [{"papel": "denunciante", "cuantas": 1}, {"papel": "testigos", "cuantas": 2}],
        "bienes": [
            {
                "clase": "Celular",
                "detalles": [
                    {"campo": "Marca", "valor": "Una marca"},
                    {"campo": "IMEI", "valor": "356938035643809"},
                ],
            }
        ],
        "fotos": ["0123456789abcdef" * 4],
        **changes,
    }


def issued(
    said: dict[str, Any] | None = None, *, at: datetime = RECEIVED, version: int = 1
) -> Payload:
    """A constancia signed with one of the known keys."""
    said = said or content()
    return _issue_with(version, SECRETS[version], said["numero"], at, said, SALT)


def public_half(version: int) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(SECRETS[version]).public_key().public_bytes_raw()


# The first key was retired, the second followed it.
KEYS = [
    PublishedKey(1, public_half(1), SINCE, RETIRED),
    PublishedKey(2, public_half(2), RETIRED, None),
]
SECOND = timedelta(seconds=1)

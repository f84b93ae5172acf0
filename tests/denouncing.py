"""Denuncias and quejas as a phone sends them; every name and number is invented."""

import io
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests.builders import IN_WEST, a_device

# Luhn's digit fits.
IMEI = "490154203237518"
IN_WEST_CELL = "878e62c56ffffff"


def a_person(number: str = "40000001", name: str = "Persona", **changes: Any) -> dict[str, Any]:
    """Somebody with a DNI."""
    return {
        "tipo_documento": "dni",
        "numero_documento": number,
        "nombres": name,
        "apellido_paterno": "Inventada",
        **changes,
    }


def an_author(relacion: str = "agraviado", **changes: Any) -> dict[str, Any]:
    """Who denounces, reachable by a telephone and at home."""
    identity = a_person(celular="900000001", domicilio="Jirón Inventado 123, Callao", **changes)
    return {"relacion": relacion, "identidad": identity}


def in_west(**changes: Any) -> dict[str, Any]:
    """A point within the western comisaría of `Callao`."""
    return {"origen": "mapa", **IN_WEST, **changes}


def lost_papers(**changes: Any) -> dict[str, Any]:
    """The loss of a DNI."""
    return {
        "asunto": "perdida_documentos",
        "hecho": {
            "relato": "Bajé del bus y ya no tenía la billetera",
            "desde": "2026-11-20T18:00:00-05:00",
            "lugar": in_west(referencia="Paradero del mercado"),
        },
        "documentos": [{"tipo": "dni", "identidad": {"numero": "40000001"}}],
        "denunciante": an_author(),
        **changes,
    }


def stolen_phone(**changes: Any) -> dict[str, Any]:
    """The theft of a telephone with its IMEI."""
    return {
        "asunto": "robo_celular_denuncia",
        "calificaciones": ["010309"],
        "hecho": {
            "relato": "Me lo arrancharon al salir del mercado",
            "desde": "2026-11-20T18:00:00-05:00",
            "hasta": "2026-11-20T18:30:00-05:00",
            "lugar": in_west(),
        },
        "celulares": [{"marca": "Marca 1", "imei": IMEI, "identidad": {"numero": "900000002"}}],
        "implicados": [{"rasgos": "Polo azul, en moto lineal"}],
        "denunciante": an_author(),
        **changes,
    }


def burglary(**changes: Any) -> dict[str, Any]:
    """A burglary with two harmed persons and a witness, for which reserve is asked."""
    return {
        "asunto": "robo_casa_denuncia",
        "calificaciones": ["010310"],
        "hecho": {
            "relato": "Entraron por la ventana mientras trabajábamos",
            "desde": "2026-11-20T08:00:00-05:00",
            "hasta": "2026-11-20T13:00:00-05:00",
            "lugar": in_west(referencia="Casa de dos pisos, puerta verde"),
        },
        "otros_bienes": [{"descripcion": "Televisor", "valor": 1500}],
        "dinero": [{"monto": 800, "moneda": "PEN", "forma": "efectivo"}],
        "testigos": [{"identidad": a_person("40000009", "Vecina"), "vio": "Una camioneta gris"}],
        "denunciante": an_author("familiar"),
        "agraviados": [
            {"identidad": a_person("40000002", "Primera")},
            {"identidad": a_person("40000003", "Segunda")},
        ],
        "reserva": True,
        "motivo_reserva": "Viven cerca",
        **changes,
    }


def mistreatment(unit_code: str = "WEST", **changes: Any) -> dict[str, Any]:
    """A queja against a comisaría, from a marked cell."""
    return {
        "asunto": "maltrato_policial",
        "denunciado": {"nivel": "unidad", "unidad": unit_code},
        "hecho": {
            "relato": "No quisieron recibir mi denuncia y me insultaron",
            "lugar": {"origen": "celda", "celda": IN_WEST_CELL},
        },
        **changes,
    }


def drug_point(**changes: Any) -> dict[str, Any]:
    """A point of sale of drugs, told by a cell."""
    return {
        "asunto": "punto_de_drogas",
        "hecho": {
            "relato": "Venden de noche en la esquina del parque",
            "lugar": {"origen": "celda", "celda": IN_WEST_CELL},
        },
        **changes,
    }


def demand_for_cupo(**changes: Any) -> dict[str, Any]:
    """ "Me piden cupo"."""
    return {
        "asunto": "cobro_de_cupos",
        "hecho": {
            "relato": "Me dejaron una nota pidiendo plata cada semana",
            "lugar": {"origen": "celda", "celda": IN_WEST_CELL},
        },
        **changes,
    }


def denounce(
    client: FlaskClient,
    body: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    key: str | None = None,
    photos: list[tuple[Any, str]] | None = None,
) -> TestResponse:
    """POST a denuncia or queja as a phone does."""
    headers = {**(headers or a_device(client)), "Idempotency-Key": key or str(uuid4())}
    if photos is None:
        return client.post("/api/v1/denuncias", json=body, headers=headers)
    files = [FileStorage(stream, name) for stream, name in photos]
    boundary, content = encode_multipart({"datos": json.dumps(body), "foto": files})
    content_type = f"multipart/form-data; boundary={boundary}"
    return client.post(
        "/api/v1/denuncias", data=content, headers=headers, content_type=content_type
    )


def some_photos(pictures: list[bytes]) -> list[tuple[Any, str]]:
    """Photos as `denounce` takes them."""
    return [(io.BytesIO(picture), f"{n}.jpg") for n, picture in enumerate(pictures, start=1)]

"""The tables of docs/catalogo.md as the data says them.

`python -m tests.catalog.catalogo_tables` writes them again after a change of the data.
"""

import re
from collections.abc import Callable
from pathlib import Path

from backend.catalog.models import (
    ActState,
    Asks,
    Asunto,
    Catalog,
    Categoria,
    GoTo,
    RoutingRule,
)
from backend.catalog.services import load_catalog

DOCUMENT = Path(__file__).parents[2] / "docs" / "catalogo.md"
SECTION = r"(<!-- tabla: {name} -->\n).*?(<!-- fin -->)"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _minutes(minutes: int) -> str:
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _receiver(catalog: Catalog, categoria: Categoria) -> str:
    if categoria.routing_rule is RoutingRule.COMISARIA_DEL_LUGAR:
        return "Comisaría del lugar"
    return f"Unidad de {catalog.materias[categoria.matter or ''].nombre.lower()}"


def _visibility(categoria: Categoria) -> str:
    if categoria.sensible:
        return "sensible"
    return "público" if categoria.publica else "solo policía"


def prioridades(catalog: Catalog) -> str:
    return _table(
        ["Prioridad", "Nombre", "Acuse", "Revisión", "Por qué", "Por confirmar"],
        [
            [
                str(each.prioridad),
                each.nombre,
                _minutes(each.acknowledge_minutes),
                _minutes(each.review_minutes),
                each.terms_reason,
                each.to_confirm,
            ]
            for each in catalog.prioridades.values()
        ],
    )


def categorias(catalog: Catalog) -> str:
    return _table(
        [
            "Código",
            "Lo que lee el vecino",
            "Clasificador",
            "Prioridad",
            "Acuse",
            "Revisión",
            "Quién recibe",
            "Mapa",
            "Línea",
            "Ley o documento",
            "Por confirmar",
        ],
        [
            [
                f"`{each.codigo}`",
                each.nombre,
                each.clasificador,
                str(each.prioridad),
                _minutes(each.acknowledge_minutes),
                _minutes(each.review_minutes),
                _receiver(catalog, each),
                _visibility(each),
                each.linea or "",
                each.source,
                each.to_confirm,
            ]
            for each in catalog.categorias.values()
        ],
    )


def razones(catalog: Catalog) -> str:
    return _table(
        ["Código", "Por qué esa prioridad y esos plazos"],
        [[f"`{each.codigo}`", each.terms_reason] for each in catalog.categorias.values()],
    )


def lineas(catalog: Catalog) -> str:
    return _table(
        ["Número", "Nombre", "Para qué", "Desde", "Hasta", "Fuente", "Por confirmar"],
        [
            [
                each.numero,
                each.nombre,
                each.para_que,
                each.vigente_desde.isoformat() if each.vigente_desde else "no se conoce",
                each.vigente_hasta.isoformat() if each.vigente_hasta else "",
                each.source,
                each.to_confirm,
            ]
            for each in catalog.lineas
        ],
    )


def materias(catalog: Catalog) -> str:
    return _table(
        ["Materia", "Nombre", "Fuente", "Por confirmar"],
        [
            [f"`{each.codigo}`", each.nombre, each.source, each.to_confirm]
            for each in catalog.materias.values()
        ],
    )


def desenlaces(catalog: Catalog) -> str:
    return _table(
        ["Código", "Lo elige el oficial", "Lo lee quien avisó", "Queda", "Sirve para"],
        [
            [
                f"`{each.codigo}`",
                each.nombre,
                each.text_for_citizen,
                {"resolved": "atendido", "dismissed": "desestimado"}[each.state],
                ", ".join(f"`{tipo}`" for tipo in each.tipos),
            ]
            for each in catalog.desenlaces.values()
        ],
    )


def asuntos(catalog: Catalog) -> str:
    return _table(
        [
            "Código",
            "Lo que lee el vecino",
            "Tipo",
            "Calificaciones",
            "Prioridad",
            "Acuse",
            "Responder en",
            "Recordar",
            "Llega",
            "Quién recibe",
            "Mapa",
            "Línea",
            "Ley o documento",
            "Por confirmar",
        ],
        [
            [
                f"`{each.codigo}`",
                each.nombre,
                each.kind,
                ", ".join(each.calificaciones),
                str(each.prioridad),
                _minutes(each.acknowledge_minutes),
                f"{each.answer_days} días hábiles",
                f"{each.remind_days} antes",
                "por turno" if each.batched else "al momento",
                _receiver(catalog, each),
                _visibility(each),
                each.linea or "",
                each.source,
                each.to_confirm,
            ]
            for each in catalog.asuntos.values()
        ],
    )


def razones_de_asuntos(catalog: Catalog) -> str:
    return _table(
        ["Código", "Por qué esa prioridad y esos plazos"],
        [[f"`{each.codigo}`", each.terms_reason] for each in catalog.asuntos.values()],
    )


def formularios(catalog: Catalog) -> str:
    def steps(asunto: Asunto) -> str:
        required = asunto.form["required"]
        return "; ".join(
            f"{number}. {step['titulo']}: "
            + ", ".join(f"`{name}`{'*' * (name in required)}" for name in step["campos"])
            for number, step in enumerate(asunto.form["x-pasos"], start=1)
        )

    rows = [[f"`{each.codigo}`", steps(each)] for each in catalog.asuntos.values()]
    return _table(["Código", "Pasos y lo que se pide (* obligatorio)"], rows)


def desvios(catalog: Catalog) -> str:
    places = {GoTo.ALERTA: "el aviso al momento", GoTo.COMISARIA: "la comisaría más cercana"}
    return _table(
        ["Código", "Qué no se denuncia aquí", "Lo que lee", "Línea", "A dónde ir", "Fuente"],
        [
            [
                f"`{each.codigo}`",
                each.nombre,
                each.texto,
                each.linea,
                places[each.ir_a] if each.ir_a else "",
                each.source,
            ]
            for each in catalog.desvios.values()
        ],
    )


def dias(catalog: Catalog) -> str:
    return _table(
        ["Día", "Se trabaja", "Fuente", "Por confirmar"],
        [
            [each.fecha.isoformat(), "sí" if each.laborable else "no", each.source, each.to_confirm]
            for each in catalog.dias
        ],
    )


def actuaciones(catalog: Catalog) -> str:
    asks = {
        Asks.FISCALIA: "fiscalía",
        Asks.NUMERO: "número",
        Asks.INVESTIGADOR: "investigador",
        Asks.WORDS: "sus palabras",
    }
    states = {
        None: "",
        ActState.ACKNOWLEDGED: "recibido",
        ActState.IN_PROGRESS: "en atención",
        ActState.RESOLVED: "atendido",
        ActState.DISMISSED: "desestimado",
    }
    return _table(
        [
            "Código",
            "La registra el oficial",
            "La lee quien envió",
            "Se pide",
            "Queda",
            "Sirve para",
        ],
        [
            [
                f"`{each.codigo}`",
                each.nombre,
                each.text_for_citizen,
                ", ".join(asks[one] for one in each.asks),
                states[each.state],
                ", ".join(f"`{kind}`" for kind in each.kinds),
            ]
            for each in catalog.actuaciones.values()
        ],
    )


def aperturas(catalog: Catalog) -> str:
    return _table(
        ["Código", "La elige el oficial", "Lo lee la persona"],
        [
            [f"`{each.codigo}`", each.nombre, each.text_for_citizen]
            for each in catalog.aperturas.values()
        ],
    )


def fiscalias(catalog: Catalog) -> str:
    return _table(
        ["Código", "Fiscalía", "Dirección", "Para", "Fuente", "Por confirmar"],
        [
            [
                f"`{each.codigo}`",
                each.nombre,
                each.direccion,
                f"ubigeo {each.ubigeo}" if each.ubigeo else "donde no hay otra",
                each.source,
                each.to_confirm,
            ]
            for each in catalog.fiscalias.values()
        ],
    )


TABLES: dict[str, Callable[[Catalog], str]] = {
    table.__name__: table
    for table in (
        prioridades,
        categorias,
        razones,
        asuntos,
        razones_de_asuntos,
        formularios,
        desvios,
        dias,
        lineas,
        materias,
        desenlaces,
        actuaciones,
        aperturas,
        fiscalias,
    )
}


def with_tables(document: str, catalog: Catalog) -> str:
    """`document` with each marked section replaced by what the data says."""
    for name, table in TABLES.items():
        text = table(catalog)
        section = re.compile(SECTION.format(name=name), re.DOTALL)
        document, found = section.subn(lambda m, t=text: f"{m[1]}\n{t}\n{m[2]}", document)
        assert found == 1, f"docs/catalogo.md has no section for {name}"
    return document


if __name__ == "__main__":
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_tables(text, load_catalog()), encoding="utf-8")

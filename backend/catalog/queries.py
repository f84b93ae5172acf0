"""Look-ups over the loaded catalogue for edges and steps; nothing here touches the database."""

from datetime import date

from backend.catalog.models import (
    Catalog,
    Categoria,
    ClassifierEntry,
    Desenlace,
    Desvio,
    Fiscalia,
    Motivo,
    Tipo,
)
from backend.catalog.tables import LineaDeEmergencia

MODALITY_LEVEL = 3


def lineas_in_force(catalog: Catalog, on: date) -> list[LineaDeEmergencia]:
    """The emergency lines of that day, in the order of the screen."""
    lineas = [linea for linea in catalog.lineas if linea.is_in_force(on)]
    return sorted(lineas, key=lambda linea: linea.orden)


def linea_for(catalog: Catalog, subject: Categoria | Desvio, on: date) -> LineaDeEmergencia | None:
    """The line to call about this, if it has one that day."""
    for linea in catalog.lineas:
        if linea.numero == subject.linea and linea.is_in_force(on):
            return linea
    return None


def urgent_linea_for(
    catalog: Catalog, subject: Categoria | Desvio, on: date
) -> LineaDeEmergencia | None:
    """The line to call about this when somebody is in danger; none means the police's 105."""
    linea = linea_for(catalog, subject, on)
    return linea if linea is not None and linea.answers_emergencies else None


def categorias_of(catalog: Catalog, tipo: Tipo) -> list[Categoria]:
    """The categories of one kind, in the order of the screen."""
    return [categoria for categoria in catalog.categorias.values() if categoria.tipo is tipo]


def public_codes(catalog: Catalog, grupo: str | None = None) -> frozenset[str]:
    """The codes that may ever count on a public layer, of one group or of all."""
    return frozenset(
        categoria.codigo
        for categoria in catalog.subjects
        if categoria.publica and grupo in (None, categoria.grupo)
    )


def sensible_codes(catalog: Catalog) -> frozenset[str]:
    """The codes whose reports follow the sensitive path."""
    return frozenset(c.codigo for c in catalog.subjects if c.sensible)


def desenlaces_for(catalog: Catalog, categoria: Categoria) -> list[Desenlace]:
    """The outcomes with which a report about this can be closed, but for those that are an answer.

    Those are reached by the actuación whose words the author reads.
    """
    answers = {one.desenlace for one in catalog.actuaciones.values() if one.answers_author}
    return [
        end
        for end in catalog.desenlaces.values()
        if categoria.tipo in end.tipos and end.codigo not in answers
    ]


def rechazos_for(catalog: Catalog, categoria: Categoria) -> list[Motivo]:
    """The reasons for which a report about this can be rejected."""
    return [
        why for why in catalog.rechazos.values() if not why.tipos or categoria.tipo in why.tipos
    ]


def fiscalia_for(catalog: Catalog, ubigeo: str | None, on: date) -> Fiscalia | None:
    """The fiscalía of a district on that day: the row that names its place most closely."""
    found = [
        row
        for row in catalog.fiscalias.values()
        if row.is_in_force(on) and (ubigeo or "").startswith(row.ubigeo)
    ]
    return max(found, key=lambda row: len(row.ubigeo), default=None)


def modalities(catalog: Catalog) -> list[ClassifierEntry]:
    """Every legal name that a fact may be given, in the order of the classifier."""
    return [entry for entry in catalog.clasificador.values() if entry.nivel == MODALITY_LEVEL]

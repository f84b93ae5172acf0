"""What each figure of the juntas' results means; page, Excel and PDF say it."""

from typing import Any

from flask_babel import gettext

from backend.indicators.models import SMALLEST_GROUP, Level, Results


def _(text: str, **values: Any) -> str:
    return str(gettext(text, **values))


def remarks_on(results: Results) -> list[str]:
    """What has to be said of these figures before anybody reads them."""
    said = [
        _(
            "Meta del plan provincial de Ilo (A 28), como referencia: que hayan informado "
            "%(goal)s de cada 100 juntas desde el 1 de enero al terminar este trimestre.",
            goal=results.goal,
        )
    ]
    if results.period.by_weeks:
        said.append(_weeks(results))
    if not results.total.juntas:
        said.append(_("No hubo juntas vigentes en el trimestre: no hay nada que dividir."))
    if any(row.joined_late for row in results.rows):
        said.append(
            _(
                "Donde entró una comisaría durante el año, lo contado desde el 1 de enero no se "
                "muestra ni se suma al total."
            )
        )
    if results.is_partial:
        said.append(
            _(
                "Hay comisarías con pocas juntas que no aparecen ni se suman aquí: solas, o al "
                "restar, dirían algo de menos de cinco juntas."
            )
        )
    return said


def _weeks(results: Results) -> str:
    return _(
        "Los informes, y lo que pasó con ellos, se cuentan por semanas enteras: hasta el domingo "
        "%(day)s. Así nadie sabe, al ver un reporte nuevo en la mesa, qué junta lo contó. Cada "
        "lunes se ponen al día. Las juntas y sus integrantes sí van al día.",
        day=f"{results.period.last_sunday:%d/%m/%Y}",
    )


def _sensible(results: Results) -> str:
    if results.level is Level.JUNTA:
        return _(
            "Extorsión, drogas, trata y violencia: lo que una junta contó de eso no cuenta en esta "
            "página, ni en el total, para que nadie deduzca cuál fue."
        )
    return _(
        "Extorsión, drogas, trata y violencia no se cuentan como informes ni se sigue su "
        "rastro. La junta que solo contó algo así se suma entre las que informaron, sin "
        "decir cuál, al terminar el mes y si en su grupo son al menos %(few)s las que no "
        "informaron de nada más.",
        few=SMALLEST_GROUP,
    )


def _achieved(results: Results) -> str:
    when = _("al contar")
    if results.level is Level.JUNTA:
        when = _("el domingo que se indica")
    return _(
        "Informes del trimestre, según cómo estaban %(when)s: verificados por un policía; y por "
        "el desenlace con que se cerraron: una patrulla intervino o el lugar entró al plan de "
        "patrullaje, hubo personas intervenidas, el riesgo se corrigió. Luces: riesgos corregidos "
        "de falta de luz.",
        when=when,
    )


def definitions_for(results: Results) -> list[tuple[str, str]]:
    """Each term with its meaning; docs/indicadores.md says the same at length.

    Long because it is a table of words, in the order of the page.
    """
    said = [
        (
            _("Junta vigente"),
            _(
                "Reconocida por la comisaría y no disuelta al menos un día del período. La que "
                "empezó, venció, se renovó o se disolvió dentro del período cuenta, una sola vez."
            ),
        ),
        (
            _("Junta que informó (A 28)"),
            _(
                "Numerador: juntas vigentes que enviaron al menos un informe, de cualquier tipo, "
                "un día en que estaban vigentes. Denominador: juntas vigentes. «Desde el 1 de "
                "enero» cuenta igual, con el año hasta el último día del trimestre."
            ),
        ),
        (
            _("Temas sensibles"),
            _sensible(results),
        ),
        (
            _("Informe"),
            _(
                "Lo que una junta vigente envió en el trimestre por Yo Alerto, propio o de un "
                "vecino, por el día de Lima en que llegó. Se cuenta en la comisaría de la junta, "
                "aunque lo haya atendido otra."
            ),
        ),
        (
            _("Acuse de recibo"),
            _(
                "Alguien de la unidad lo marcó como recibido o lo rechazó. A tiempo: en los "
                "minutos de su categoría desde que llegó a la mesa; si es urgente, desde que se "
                "envió. De: los que ya tienen acuse o cuyo plazo ya pasó."
            ),
        ),
        (
            _("Respondido"),
            _(
                "La unidad escribió a la junta o cerró el caso. A tiempo: en %(days)s días desde "
                "que se envió. De: los que ya tienen respuesta o cuyo plazo ya pasó.",
                days=results.answer_days,
            ),
        ),
        (
            _("Qué se logró"),
            _achieved(results),
        ),
        (
            _("Integrantes activos"),
            _(
                "De las juntas vigentes el último día del trimestre o, si está en curso, hoy: "
                "quienes ya empezaron y no terminaron ni se dieron de baja."
            ),
        ),
        (
            _("«—»"),
            _("No hubo nada que dividir o contar, o no se puede mostrar. No es 0 % ni 100 %."),
        ),
    ]
    if results.level is not Level.JUNTA:
        said.append(
            (
                _("Menos de cinco juntas"),
                _(
                    "Ninguna cifra es de menos de cinco juntas: esas comisarías se suman con "
                    "otras de su distrito, provincia o departamento, según las juntas del primer "
                    "día del trimestre, y juntas siguen hasta fin de año. Integrantes: sin los de "
                    "las comisarías que ese día tienen menos de cinco juntas y no se sumaron en "
                    "enero. Solo la propia comisaría ve sus juntas una por una."
                ),
            )
        )
    return said

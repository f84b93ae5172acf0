"""The Spanish words for states, marks, events and reasons; templates of the panel show them."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _

from backend.boards.events import Happened
from backend.boards.models import AreaSource, Sex
from backend.boards.rows import AccessState, JuntaState
from backend.denuncias.models import Verdict
from backend.forwarding.models import Channel, Purpose
from backend.media.models import AttachmentState
from backend.moderation.services import Flag
from backend.outbox import WorkState
from backend.padron.models import ImportState
from backend.reports.models import Kind, MessageAuthor, PlaceSource, Step
from backend.reports.states import Moderation, State, Verification

STATES: Mapping[State, str] = {
    State.RECEIVED: _("Recibido por el sistema"),
    State.FORWARDED: _("Sin recibir"),
    State.ACKNOWLEDGED: _("Recibido por la comisaría"),
    State.IN_PROGRESS: _("En atención"),
    State.RESOLVED: _("Atendido"),
    State.DISMISSED: _("Desestimado"),
    State.REJECTED: _("Rechazado"),
    State.MERGED: _("Unido a otro"),
}

MODERATIONS: Mapping[Moderation, str] = {
    Moderation.PENDING: _("Por revisar"),
    Moderation.PASSED: _("Revisión pasada"),
    Moderation.HELD: _("En revisión"),
}

VERIFICATIONS: Mapping[Verification, str] = {
    Verification.UNVERIFIED: _("Sin verificar"),
    Verification.VERIFIED: _("Verificado"),
    Verification.REFUTED: _("No era cierto"),
}

KINDS: Mapping[Kind, str] = {
    Kind.ALERTA: _("Alerta"),
    Kind.FACTOR_DE_RIESGO: _("Factor de riesgo"),
    Kind.DENUNCIA: _("Denuncia"),
    Kind.QUEJA: _("Queja o información reservada"),
}

# Before the title of what is no alerta.
KIND_BADGES: Mapping[Kind, str] = {Kind.DENUNCIA: _("Denuncia"), Kind.QUEJA: _("Queja")}

# As the tabs of the desk call them.
KIND_TABS: Mapping[Kind, str] = {
    Kind.ALERTA: _("Alertas"),
    Kind.FACTOR_DE_RIESGO: _("Riesgos"),
    Kind.DENUNCIA: _("Denuncias"),
    Kind.QUEJA: _("Quejas"),
}

FLAGS: Mapping[Flag, str] = {
    Flag.CLOCK_AHEAD: _("Dice una hora que no había llegado"),
    Flag.CLOCK_BEHIND: _("Dice que pasó hace mucho"),
    Flag.POOR_ACCURACY: _("Ubicación poco precisa"),
    Flag.NO_GPS: _("Lugar escrito, sin GPS"),
    Flag.PLACE_ABROAD_MARGIN: _("El punto cae fuera del país"),
    Flag.NO_JURISDICTION: _("Lugar sin jurisdicción"),
    Flag.PHOTO_BROKEN: _("Una foto no se pudo abrir"),
    Flag.PHOTO_ELSEWHERE: _("La foto se tomó en otro lugar"),
    Flag.PHOTO_OLD: _("La foto es de otro día"),
    Flag.NOTHING_SAID: _("Sin texto ni foto"),
    Flag.REPEATED_TEXT: _("Texto repetido"),
    Flag.PHONE_FLOOD: _("Muchos envíos del mismo teléfono"),
    Flag.SAME_PERSON: _("Varias denuncias del mismo documento en un día"),
    Flag.PLACE_FLOOD: _("Muchos envíos del mismo lugar"),
}

# What each entry of the history says; `details` adds reason, way or unit after it.
EVENTS: Mapping[str, str] = {
    "received": _("Llegó al sistema"),
    "passed": _("La revisión automática no encontró nada raro"),
    "held": _("La revisión automática pidió que lo mire una persona"),
    "reviewed": _("Una persona lo revisó y lo dejó pasar"),
    "review_ran_out": _("Nadie lo revisó a tiempo: pasó como estaba"),
    "forwarded": _("Llegó a la mesa"),
    "escalated": _("Se avisó al nivel superior, porque nadie lo había recibido"),
    "nobody_above": _("Nadie lo recibió a tiempo y no hay nivel superior a quien avisar"),
    "acknowledged": _("Marcado como recibido"),
    "started": _("Empezó la atención"),
    "assigned": _("Asignado a un sector"),
    "verified": _("Verificado"),
    "refuted": _("Verificado: no era cierto"),
    "transferred": _("Trasladado a otra unidad"),
    "contested": _("El ciudadano no está de acuerdo con el cierre"),
    "closed": _("Cerrado"),
    "rejected": _("Rechazado"),
    "actuacion": _("Actuación"),
    "qualified": _("Se agregó una calificación"),
    "term_near": _("Se recordó a la unidad que el plazo está por vencer"),
    "enlarged": _("Quien lo envió agregó hechos o fotos"),
}

RULES: Mapping[str, str] = {
    "jurisdiction": _("El lugar está dentro de la jurisdicción de esta unidad."),
    "nearest": _("Ninguna jurisdicción cubre el lugar: vino a la comisaría más cercana."),
    "district": _("No hay punto exacto: vino a la comisaría del distrito escrito."),
    "specialised": _("La materia la atiende una unidad especializada."),
    "above_comisaria": _(
        "No hay unidad especializada para esta materia: vino al nivel superior de la comisaría."
    ),
    "queja_desk": _("Es una queja o un asunto de la CUD: vino a la primera mesa que puede verla."),
    "no_jurisdiction": _("No se pudo saber de qué unidad es: vino a la mesa sin jurisdicción."),
}

PLACE_SOURCES: Mapping[PlaceSource, str] = {
    PlaceSource.GPS: _("GPS del teléfono"),
    PlaceSource.MAPA: _("Marcado en el mapa"),
    PlaceSource.CELDA: _("Zona marcada, sin punto exacto"),
    PlaceSource.REFERENCIA: _("Referencia escrita"),
}

AUTHORS: Mapping[MessageAuthor, str] = {
    MessageAuthor.CITIZEN: _("Ciudadano"),
    MessageAuthor.UNIT: _("Comisaría"),
}

PHOTO_STATES: Mapping[AttachmentState, str] = {
    AttachmentState.PENDING: _("La foto se está preparando. Aparecerá en unos segundos."),
    AttachmentState.DERIVED: _("Foto lista"),
    AttachmentState.FAILED: _("No se pudo preparar la foto. El original está guardado."),
}

VERDICTS: Mapping[Verdict, str] = {
    Verdict.JUSTIFIED: _("Justificada"),
    Verdict.QUESTIONED: _("Observada"),
}

CHANNELS: Mapping[Channel, str] = {
    Channel.DESK: _("Mesa"),
    Channel.EMAIL: _("Correo"),
    Channel.WEBHOOK: _("Sistema de la institución (webhook)"),
}

PURPOSES: Mapping[Purpose, str] = {
    Purpose.DELIVERY: _("Entrega"),
    Purpose.ESCALATION: _("Aviso al nivel superior"),
    Purpose.REMINDER: _("Recordatorio del plazo"),
}

WORK_STATES: Mapping[WorkState, str] = {
    WorkState.PENDING: _("Pendiente"),
    WorkState.NO_ANSWER: _("Sin respuesta, se reintentará"),
    WorkState.DONE: _("Entregado"),
    WorkState.FAILED: _("Falló"),
}

STEPS: Mapping[Step, str] = {
    Step.MODERATE: _("Revisar el reporte y preparar sus fotos"),
    Step.FEED_RISK_MAP: _("Contarlo en el mapa de riesgo"),
}

# What workers write down in English when they give up without an answer of the other side.
ERRORS: Mapping[str, str] = {
    "interrupted at every attempt": _("Se interrumpió en cada intento."),
    "media store unreachable": _("No se pudo llegar al almacén de fotos."),
}


class OriginalReason(StrEnum):
    """Why an officer takes out a sealed original; the trail keeps it with the words."""

    INVESTIGACION = "investigacion"
    FISCALIA = "fiscalia"
    PERICIA = "pericia"
    OTRO = "otro"


ORIGINAL_REASONS: Mapping[OriginalReason, str] = {
    OriginalReason.INVESTIGACION: _("Investigación en curso"),
    OriginalReason.FISCALIA: _("Pedido de la fiscalía o de un juez"),
    OriginalReason.PERICIA: _("Pericia o cadena de custodia"),
    OriginalReason.OTRO: _("Otro motivo"),
}


# The padrón of juntas vecinales

JUNTA_STATES: Mapping[JuntaState, str] = {
    JuntaState.IN_FORCE: _("Vigente"),
    JuntaState.EXPIRING: _("Por vencer"),
    JuntaState.LAPSED: _("Vencida"),
    JuntaState.NOT_YET: _("Por empezar"),
    JuntaState.DISSOLVED: _("Disuelta"),
}

ACCESS_STATES: Mapping[AccessState, str] = {
    AccessState.NONE: _("Sin acceso"),
    AccessState.ENROLLING: _("Esperando el teléfono"),
    AccessState.ACTIVE: _("Con acceso"),
    AccessState.LOCKED: _("Bloqueado por PIN equivocado"),
    AccessState.EXPIRED: _("Acceso vencido"),
}

SEXES: Mapping[Sex, str] = {Sex.MUJER: _("Mujer"), Sex.HOMBRE: _("Hombre")}

AREA_SOURCES: Mapping[AreaSource, str] = {
    AreaSource.DRAWN: _("marcada por sus esquinas"),
    AreaSource.IMPORTED: _("traída de un archivo"),
}

# What each entry of a junta's history says; member, reason and days come after it.
JUNTA_EVENTS: Mapping[str, str] = {
    Happened.REGISTERED: _("Se registró la junta"),
    Happened.CHANGED: _("Se corrigieron sus datos"),
    Happened.AREA_CHANGED: _("Se guardó su área"),
    Happened.RENEWED: _("Se renovó"),
    Happened.DISSOLVED: _("Se disolvió"),
    Happened.EXPIRES_IN_60: _("Aviso: vence en 60 días o menos"),
    Happened.EXPIRES_IN_15: _("Aviso: vence en 15 días o menos"),
    Happened.MEMBER_ADDED: _("Entró un integrante"),
    Happened.MEMBER_CHANGED: _("Se corrigieron los datos de un integrante"),
    Happened.MEMBER_ENDED: _("Un integrante dejó la junta"),
    Happened.TRAINING_RECORDED: _("Se registró una capacitación"),
    Happened.IMPORTED: _("Se cargó de un archivo"),
    Happened.IMPORT_UNDONE: _("Se deshizo una carga de archivo"),
    Happened.ACCESS_OFFERED: _("Se ofreció el acceso al coordinador"),
    Happened.ACCESS_ENROLLED: _("El coordinador activó su acceso"),
    Happened.ACCESS_REVOKED: _("Se quitó el acceso al coordinador"),
    Happened.ACCESS_LOCKED: _("El acceso se bloqueó por PIN equivocados"),
}

# Days among the details of that history.
DETAIL_DAYS: Mapping[str, str] = {
    "since": _("desde el"),
    "until": _("hasta el"),
    "on": _("desde el"),
    "held_on": _("el"),
}

IMPORT_STATES: Mapping[ImportState, str] = {
    ImportState.UPLOADED: _("En revisión"),
    ImportState.CHECKED: _("Revisada, sin registrar"),
    ImportState.APPLIED: _("Registrada"),
    ImportState.DISCARDED: _("Descartada"),
    ImportState.UNDONE: _("Deshecha"),
    ImportState.UNREADABLE: _("No se pudo leer"),
}

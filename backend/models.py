"""Every model in one list, so that migrations and tests see the whole schema."""

from backend.boards.models import (
    Coordinator,
    JuntaEvent,
    JuntaMember,
    JuntaTerm,
    JuntaTraining,
    JuntaVecinal,
)
from backend.db import Base
from backend.denuncias.models import (
    Calificacion,
    CasePerson,
    Constancia,
    Denuncia,
    OpeningReview,
)
from backend.forwarding.models import Envio, UnitChannel
from backend.identity.models import AuditEntry, PadronSeat, Role, Staff, StaffRole
from backend.informes.models import Informe, JuntaConfirmation
from backend.media.models import Attachment
from backend.padron.models import PadronExport, PadronImport, PadronProblem, PadronRow
from backend.reports.audience import ComplaintBar, DeskHeartbeat, Glimpse
from backend.reports.models import HistoryEntry, IdempotencyRecord, Message, Report, ReportTask
from backend.riskmap.models import PublicCell, RiskCell, RiskFact, RiskHexagon, RiskPublication
from backend.switches import Switch
from backend.territory.models import District, Jurisdiction, PoliceUnit, QuejaDesk
from backend.vault.models import Member, Opening, Person, Reading

ALL_MODELS: tuple[type[Base], ...] = (
    Attachment,
    AuditEntry,
    Calificacion,
    CasePerson,
    ComplaintBar,
    Constancia,
    Coordinator,
    Denuncia,
    DeskHeartbeat,
    District,
    Envio,
    Glimpse,
    HistoryEntry,
    IdempotencyRecord,
    Informe,
    JuntaConfirmation,
    JuntaEvent,
    JuntaMember,
    JuntaTerm,
    JuntaTraining,
    JuntaVecinal,
    Jurisdiction,
    Member,
    Message,
    Opening,
    OpeningReview,
    PadronExport,
    PadronImport,
    PadronProblem,
    PadronRow,
    PadronSeat,
    Person,
    PoliceUnit,
    PublicCell,
    QuejaDesk,
    Reading,
    Report,
    ReportTask,
    RiskCell,
    RiskFact,
    RiskHexagon,
    RiskPublication,
    Role,
    Staff,
    StaffRole,
    Switch,
    UnitChannel,
)

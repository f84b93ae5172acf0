"""Every model in one list, so that migrations and tests see the whole schema."""

from backend.db import Base
from backend.denuncias.models import (
    Calificacion,
    CasePerson,
    Constancia,
    Denuncia,
    OpeningReview,
)
from backend.forwarding.models import Envio, UnitChannel
from backend.identity.models import AuditEntry, Role, Staff, StaffRole
from backend.media.models import Attachment
from backend.reports.models import (
    ComplaintBar,
    DeskHeartbeat,
    Glimpse,
    HistoryEntry,
    IdempotencyRecord,
    Message,
    Report,
    ReportTask,
)
from backend.riskmap.models import PublicCell, RiskCell, RiskFact, RiskHexagon, RiskPublication
from backend.switches import Switch
from backend.territory.models import District, Jurisdiction, PoliceUnit, QuejaDesk
from backend.vault.models import Opening, Person

ALL_MODELS: tuple[type[Base], ...] = (
    Attachment,
    AuditEntry,
    Calificacion,
    CasePerson,
    ComplaintBar,
    Constancia,
    Denuncia,
    DeskHeartbeat,
    District,
    Envio,
    Glimpse,
    HistoryEntry,
    IdempotencyRecord,
    Jurisdiction,
    Message,
    Opening,
    OpeningReview,
    Person,
    PoliceUnit,
    PublicCell,
    QuejaDesk,
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

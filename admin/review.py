"""The review tray: what the machines held until a person looks or its clock runs out."""

from flask import render_template, request

from admin import desk_rows
from admin.access import current_staff
from admin.acts import STATES
from admin.blueprint import blueprint
from admin.desk_cards import Card
from admin.opaque import fingerprint
from backend.app import parts_of
from backend.catalog.models import Motivo
from backend.catalog.queries import rechazos_for
from backend.identity.models import RoleName
from backend.reports.models import FORMAL_KINDS
from backend.reports.queries import desk_pulse


@blueprint.get("/revision")
def review() -> str:
    """Held reports of the unit and those below it, urgent first, then by their clock."""
    staff = current_staff()
    return render_template(
        "review/review.html",
        staff=staff,
        version=fingerprint(desk_pulse(staff).version),
        arrivals=desk_rows.arrivals(staff, is_wide=False),
        page=desk_rows.review_page(staff, request.args.get("cursor", "")),
        cursor=request.args.get("cursor", ""),
        states=STATES,
        rejections=_rejections,
    )


def _rejections(card: Card) -> list[Motivo]:
    """Why whoever looks may reject it; a denuncia or queja, only its comisario."""
    if card.kind in FORMAL_KINDS and not current_staff().is_one_of(RoleName.COMISARIO):
        return []
    catalog = parts_of().catalog
    return rechazos_for(catalog, catalog.subject(card.categoria))

"""The review tray: what the machines held until a person looks or its clock runs out."""

from flask import render_template, request

from admin import desk_rows
from admin.access import current_staff
from admin.acts import STATES
from admin.blueprint import blueprint
from admin.opaque import fingerprint
from backend.app import parts_of
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
        rejections=parts_of().catalog.rechazos.values(),
    )

"""Constancias: the PDF for whoever holds the case's token, and checking one for everybody.

The page checks in the browser: the code travels in the address's fragment, which no server sees.
Without scripts it is pasted into the form and checked here, and kept nowhere.
"""

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_smorest import Blueprint as ApiBlueprint

from backend import clock
from backend.app import parts_of
from backend.constancia.models import Checked, PublishedKey, Verdict
from backend.constancia.services import keys_as_json, published_keys, verify
from backend.constancia.typst_client import typeset
from backend.db import db
from backend.denuncias.models import Constancia
from backend.errors import NotFound
from mobile_api import limits
from mobile_api.caso import SECURITY, own_report
from mobile_api.spec import problems

pages = Blueprint("constancia", __name__, template_folder="templates")
blueprint = ApiBlueprint(
    "constancias", __name__, url_prefix="/api/v1/caso/constancia", description="Constancia"
)

# Long enough for a day of checking at a counter, short enough for a new key to arrive.
KEYS_SECONDS = 600


@blueprint.route("", methods=["GET"])
@blueprint.doc(security=SECURITY)
@blueprint.response(200, content_type="application/pdf")
@problems(401, 404)
def read() -> Response:
    """Descargar la constancia: un recibo firmado, que no es una copia certificada."""
    kept = db.session.get(Constancia, own_report().id)
    if kept is None:
        raise NotFound(_("Este caso no tiene constancia."))
    pdf = typeset(kept.payload, parts_of().settings.public_url)
    # Neither number nor matter in the name: others may see the phone's list of files.
    headers = {"Content-Disposition": 'attachment; filename="constancia.pdf"'}
    return Response(pdf, mimetype="application/pdf", headers=headers)


@pages.get("/constancia")
def ask() -> str:
    """The page that checks a constancia; with scripts, in the browser alone."""
    return render_template("paginas/constancia.html", codigo="", palabras=None)


@pages.post("/constancia")
@limits.limiter.limit(limits.PER_ADDRESS_TRACKING)
def check() -> Response:
    """Check a pasted code without scripts."""
    typed = request.form.get("codigo", "")
    found = verify(typed, _keys())
    page = render_template(
        "paginas/constancia.html",
        codigo=typed,
        vale=found.verdict is Verdict.GOOD,
        palabras=_words(found),
        numero=found.numero,
        firmada=found.issued_at and clock.in_lima(found.issued_at).strftime("%d/%m/%Y, %H:%M"),
    )
    return make_response(page, 422 if found.verdict is Verdict.UNREADABLE else 200)


@pages.get("/constancia/llaves.json")
def keys() -> Response:
    """The published keys, retired ones too."""
    response = jsonify(keys_as_json(_keys()))
    response.headers["Cache-Control"] = f"public, max-age={KEYS_SECONDS}"
    return response


def _keys() -> list[PublishedKey]:
    return published_keys(parts_of().settings.keys)


def _words(found: Checked) -> str:
    words: dict[Verdict, str] = {
        Verdict.GOOD: _("La firmó Yo Alerto y el código no cambió."),
        Verdict.UNREADABLE: _(
            "El código está incompleto o tiene una letra que no es. Cópialo otra vez, entero."
        ),
        Verdict.CHANGED: _(
            "El código no es el que se firmó. Puede haberse copiado mal: revísalo. "
            "Si está bien copiado, la constancia fue cambiada."
        ),
        Verdict.UNKNOWN_KEY: _("Yo Alerto no firmó este código."),
        Verdict.KEY_RETIRED: _("Se firmó con una llave que ya no estaba en uso. No la aceptes."),
        Verdict.KEY_TOO_YOUNG: _("Dice una hora que no puede ser. No la aceptes."),
        Verdict.OTHER_CONTENT: _("Lo escrito no es lo que se firmó. No la aceptes."),
    }
    return words[found.verdict]

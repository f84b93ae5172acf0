"""The blueprint that every page of the panel hangs on; the modules of `admin` add their views."""

from flask import Blueprint

blueprint = Blueprint("panel", __name__, url_prefix="/panel", template_folder="templates")

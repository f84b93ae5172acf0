"""Each subject of a report has its drawing in the file that the panel takes it from."""

import re
from pathlib import Path

import pytest

from backend.catalog.models import Asunto, Categoria
from backend.catalog.services import load_catalog

CATALOG = load_catalog()
CITIZEN = Path(__file__).parents[2] / "pwa" / "src" / "citizen"


@pytest.mark.parametrize("subject", CATALOG.subjects, ids=lambda one: one.codigo)
def test_a_subject_is_drawn(subject: Categoria):
    folder = "denuncia" if isinstance(subject, Asunto) else "shared"
    drawn = set(re.findall(r'id="([^"]+)"', (CITIZEN / folder / "icons.svg").read_text()))
    assert subject.icono in drawn

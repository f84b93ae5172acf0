"""docs/catalogo.md says what the data says."""

from backend.catalog.services import load_catalog
from tests.catalog.catalogo_tables import DOCUMENT, with_tables


def test_the_tables_of_the_document_agree_with_the_data() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert document == with_tables(document, load_catalog()), (
        "run: python -m tests.catalog.catalogo_tables"
    )

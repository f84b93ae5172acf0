"""The PDF of a constancia: its QR on a small picture, its tags, fonts and words."""

import re
import subprocess
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.constancia.services import read_code
from backend.constancia.typst_client import typeset
from tests.constancia.examples import ADDRESS, NUMERO, content, issued

WARNING = "No es una copia certificada ni una denuncia policial."
# Every way of markup that a template language could fall for.
MARKUP = (
    '#set page(width: 1mm)\n#panic() #include "/etc/passwd" $x^2$ *a* _b_ `c` @d <e> = f '
    '// g /* h \\ \\u{41} \\n "}]) <b>i</b> &amp; </script> {{ 7*7 }} %s {0} ${HOME}'
)


def pdf_of(tmp_path: Path, address: str = ADDRESS, **changes) -> Path:
    path = tmp_path / "constancia.pdf"
    path.write_bytes(typeset(issued(content(**changes)).text, address))
    return path


def words_of(path: Path) -> str:
    """What a reader of the PDF can copy, on one line."""
    made = subprocess.run(
        ["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True
    )
    return " ".join(made.stdout.replace("\u200b", "").split())


def scanned(path: Path, tmp_path: Path, width: int) -> str:
    """What zbar reads on a picture of the first page as wide as that."""
    picture = tmp_path / f"page-{width}"
    size = ["-scale-to-x", str(width), "-scale-to-y", "-1"]
    subprocess.run(["pdftoppm", "-png", "-singlefile", *size, path, picture], check=True)
    command = ["zbarimg", "--quiet", "--raw", f"{picture}.png"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("width", [300, 600])
def test_the_qr_code_is_read_from_a_small_picture_of_the_page(tmp_path, width):
    assert scanned(pdf_of(tmp_path), tmp_path, width) == f"{ADDRESS}/constancia#{issued().code}"


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/", "https://" + "a" * 50 + ".gob.pe"])
def test_a_short_and_a_long_address_fit_too(tmp_path, address):
    found = scanned(pdf_of(tmp_path, address), tmp_path, 300)
    assert found == f"{address.rstrip('/')}/constancia#{issued().code}"


def test_the_printed_code_is_the_one_in_the_qr(tmp_path):
    printed = words_of(pdf_of(tmp_path)).split("Código de la constancia ")[1]
    assert read_code(printed[:178]) == read_code(issued().code)


def test_title_language_and_tags_are_there_for_a_screen_reader(tmp_path):
    with pikepdf.open(pdf_of(tmp_path)) as pdf:
        assert pdf.Root.Lang == "es-PE"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == f"Constancia de recepción de denuncia {NUMERO}"
            assert metadata["pdfuaid:part"] == "1"
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        tags = list(tags_below(pdf.Root.StructTreeRoot.K))
    names = [name for name, _ in tags]
    assert {"/Document", "/Title", "/H1", "/P", "/Table", "/TH", "/TD"} <= set(names)
    assert names.count("/H1") == 5
    alternatives = [alt for name, alt in tags if name == "/Figure"]
    assert len(alternatives) == 1
    assert "Código QR" in alternatives[0]


def tags_below(kids):
    """Each tag with its alternative text, in the order of reading."""
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield str(kid.S), str(kid.get("/Alt", ""))
            if "/K" in kid:
                yield from tags_below(kid.K)


def test_every_font_travels_with_the_file(tmp_path):
    fonts = 0
    with pikepdf.open(pdf_of(tmp_path)) as pdf:
        for page in pdf.pages:
            for font in page.Resources.Font.values():
                descriptor = font.DescendantFonts[0].FontDescriptor
                assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
                assert "/ToUnicode" in font
                fonts += 1
    assert fonts > 0


def test_it_says_what_it_is_not_first_and_on_every_page(tmp_path):
    path = pdf_of(tmp_path)
    with pikepdf.open(path) as pdf:
        pages = len(pdf.pages)
    words = words_of(path)
    assert words.index(WARNING) < words.index("Asunto")
    assert words.count(WARNING) == 1 + pages


def test_it_says_what_was_received(tmp_path):
    words = words_of(pdf_of(tmp_path))
    for said in (
        f"{NUMERO} ",
        "21 de noviembre de 2026, 08:15 (hora de Lima)",
        "Me robaron el celular",
        "Comisaría de prueba oeste",
        "Callao, Callao",
        "20 de noviembre de 2026, 19:30",
        "1 denunciante · 2 testigos",
        "Dos hombres me quitaron el celular.",
        "IMEI: 356938035643809",
        "0123456789abcdef" * 4,
    ):
        assert said in words
    assert "None" not in words


def test_a_queja_is_called_a_queja(tmp_path):
    assert "Constancia de recepción de queja" in words_of(pdf_of(tmp_path, tipo="queja"))


def test_with_little_to_say_no_heading_stands_empty(tmp_path):
    bare = {"bienes": [], "fotos": [], "personas": [], "distrito": None}
    words = words_of(pdf_of(tmp_path, **bare, ocurrio={"desde": None, "hasta": None}))
    assert "Bienes" not in words
    assert "Fotos recibidas" not in words


def test_what_a_person_writes_is_never_markup(tmp_path):
    goods = [{"clase": MARKUP, "detalles": [{"campo": MARKUP, "valor": MARKUP}]}]
    words = words_of(pdf_of(tmp_path, relato=MARKUP, asunto=MARKUP, unidad=MARKUP, bienes=goods))
    expected = " ".join(MARKUP.split())
    assert words.replace(" ", "").count(expected.replace(" ", "")) == 6


def test_a_long_account_runs_over_pages_and_stays_on_them(tmp_path):
    endless = "abcdefghij" * 200 + "\n" + "palabra " * 250
    path = pdf_of(tmp_path, relato=endless)
    assert "abcdefghij" * 200 in words_of(path).replace(" ", "")
    for left, right in edges(path):
        assert left >= 56
        assert right <= 540  # of 595 points, margins of 20 mm


def edges(path: Path) -> list[tuple[float, float]]:
    """Left and right end of every line, in points."""
    made = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True)
    found = re.findall(r'xMin="([\d.]+)".*? xMax="([\d.]+)"', made.stdout)
    return [(float(left), float(right)) for left, right in found]


def test_letters_that_no_font_has_are_marked_and_kept_in_the_attachment(tmp_path):
    path = pdf_of(tmp_path, relato="Hola 😀 👍🏽 中 مرحبا שלום a\u202eb \x01 ﷺ न é q\u0303")
    words = words_of(path)
    assert "Hola 😀 �� �" in words
    assert "é" in words
    assert "\u202e" not in words
    with pikepdf.open(path) as pdf:
        kept = bytes(pdf.attachments["constancia.json"].get_file().read_bytes())
    assert "👍🏽 中".encode() in kept
    assert "\u202e".encode() in kept


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=80))
def test_whatever_was_written_makes_a_pdf(account, detail):
    goods = [{"clase": detail, "detalles": [{"campo": detail, "valor": account}]}]
    said = content(relato=account, unidad=detail, distrito=detail, bienes=goods)
    if not is_storable(said):
        return
    assert typeset(issued(said).text, ADDRESS).startswith(b"%PDF-1.7")


def is_storable(said) -> bool:
    try:
        repr(said).encode()
    except UnicodeEncodeError:
        return False
    return True


def test_the_same_constancia_is_the_same_file_each_time():
    assert typeset(issued().text, ADDRESS) == typeset(issued().text, ADDRESS)


def test_neither_identity_nor_clave_have_a_place_in_it(tmp_path):
    path = pdf_of(tmp_path)
    with pikepdf.open(path) as pdf:
        assert list(pdf.attachments) == ["constancia.json"]
    assert "clave" not in words_of(path).lower()

"""`python -m deploy.verify_constancia`, run as a stranger runs it: nothing around it."""

import json
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from backend.constancia.services import keys_as_json
from backend.constancia.typst_client import typeset
from tests.constancia.examples import ADDRESS, KEYS, NUMERO, RETIRED, content, issued

PROJECT = Path(__file__).parents[2]
# What a checker must not need; importing one of these ends the program.
ABSENT = ("flask", "sqlalchemy", "redis", "psycopg", "itsdangerous", "typst", "backend.settings")
ALONE = f"""
import runpy, sys
sys.modules.update(dict.fromkeys({ABSENT!r}))
runpy.run_module("deploy.verify_constancia", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def keys(tmp_path) -> Path:
    path = tmp_path / "llaves.json"
    path.write_text(json.dumps(keys_as_json(KEYS)))
    return path


@pytest.fixture
def pdf(tmp_path) -> Path:
    path = tmp_path / "constancia.pdf"
    path.write_bytes(typeset(issued().text, ADDRESS))
    return path


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", ALONE, *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, env={}, capture_output=True, text=True)


def test_a_pdf_is_checked_with_all_that_it_says(keys, pdf):
    done = run(pdf, "--keys", keys)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Es auténtica" in done.stdout
    assert NUMERO in done.stdout
    assert "21/11/2026 08:15:07 (hora de Lima), llave 1" in done.stdout
    assert "relato: Subí al bus en la avenida.\\nDos hombres" in done.stdout
    assert "bienes 1 detalles 2 valor: 356938035643809" in done.stdout


def test_a_typed_code_a_file_of_it_and_the_attachment_are_checked_too(keys, tmp_path):
    written, attached = tmp_path / "codigo.txt", tmp_path / "constancia.json"
    written.write_text(issued().code + "\n")
    attached.write_text(issued().text)
    for given in (issued().code.lower(), f"{ADDRESS}/constancia#{issued().code}", written):
        done = run(given, "--keys", keys)
        assert done.returncode == 0
        assert "Se comprobó solo el código" in done.stdout
    assert "Esto es lo que se firmó" in run(attached, "--keys", keys).stdout


def test_one_changed_digit_is_not_good(keys):
    code = issued().code
    done = run(code[:9] + ("0" if code[9] != "0" else "1") + code[10:], "--keys", keys)
    assert done.returncode == 1
    assert "No es válida: el código cambió" in done.stdout


def test_a_changed_attachment_is_not_good(keys, tmp_path, pdf):
    forged = tmp_path / "forged.pdf"
    with pikepdf.open(pdf) as opened:
        said = issued().text.replace("356938035643809", "000000000000000")
        del opened.attachments["constancia.json"]
        opened.attachments["constancia.json"] = said.encode()
        opened.save(forged)
    done = run(forged, "--keys", keys)
    assert done.returncode == 1
    assert "lo escrito no es lo que se firmó" in done.stdout
    assert "000000000000000" not in done.stdout


def test_a_pdf_that_another_program_saved_is_still_read(keys, tmp_path, pdf):
    for name, options in {
        "packed": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        "plain": {"stream_decode_level": pikepdf.StreamDecodeLevel.all, "compress_streams": False},
        "linear": {"linearize": True},
    }.items():
        saved = tmp_path / f"{name}.pdf"
        with pikepdf.open(pdf) as opened:
            opened.save(saved, **options)
        assert run(saved, "--keys", keys).returncode == 0, name


def test_a_retired_keys_new_signature_is_not_good(keys):
    done = run(issued(at=RETIRED).code, "--keys", keys)
    assert done.returncode == 1
    assert "ya se había retirado" in done.stdout


def test_what_cannot_be_read_is_said_in_spanish(keys, tmp_path, pdf):
    empty = tmp_path / "vacio.pdf"
    with pikepdf.new() as fresh:
        fresh.add_blank_page()
        fresh.save(empty)
    for arguments in (
        (empty, "--keys", keys),
        (pdf, "--keys", tmp_path / "nada.json"),
        (pdf, "--keys", pdf),
        ("hola", "--keys", keys),
        ("x" * 5000, "--keys", keys),
        ("a\nb", "--keys", keys),
    ):
        done = run(*arguments)
        assert done.returncode == 2
        assert "No se p" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_what_was_written_does_not_command_the_terminal(keys, tmp_path):
    attached = tmp_path / "constancia.json"
    attached.write_text(issued(content(relato="a\x1b[2Jb\u202ec")).text)
    shown = run(attached, "--keys", keys).stdout
    assert "relato: a\\x1b[2Jb\\u202ec" in shown
    assert "\x1b" not in shown

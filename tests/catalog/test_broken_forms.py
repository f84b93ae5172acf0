"""A wrong form, asunto, actuación or reason stops the start, by its name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.conftest import Break
from tests.catalog.test_broken_data import problems_of

Change = Callable[[dict[str, Any]], object]


def change(folder: Path, name: str, how: Change) -> None:
    path = folder / "formularios" / name
    form = json.loads(path.read_text(encoding="utf-8"))
    how(form)
    path.write_text(json.dumps(form), encoding="utf-8")


def props(form: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = form["properties"]
    return found


NOTE = {"title": "Nota", "type": "string", "maxLength": 10}


@pytest.mark.parametrize(
    ("name", "how", "problem"),
    [
        ("estafa", lambda f: props(f).update(nota=NOTE), "x-pasos never asks nota"),
        ("estafa", lambda f: f["x-pasos"][0]["campos"].append("nota"), "asks nota, which is no"),
        ("estafa", lambda f: f["x-pasos"][1]["campos"].append("hecho"), "asks hecho twice"),
        ("estafa", lambda f: f.update({"x-pasos": [{"titulo": "Uno"}]}), "x-pasos must be a list"),
        ("estafa", lambda f: f.pop("x-pasos"), "x-pasos must be a list"),
        ("estafa", lambda f: props(f).pop("asunto"), "asunto must be const"),
        ("estafa", lambda f: props(f)["asunto"].update(const="robo"), "asunto must be const"),
        ("estafa", lambda f: f["required"].remove("hecho"), "must require asunto and hecho"),
        ("estafa", lambda f: f["required"].remove("denunciante"), "must require denunciante"),
        ("estafa", lambda f: f["required"].append("nada"), "requires nada, which is no property"),
        ("estafa", lambda f: props(f).pop("reserva"), "reserva is asked when the matter"),
        ("estafa", lambda f: props(f)["dinero"].update({"$ref": "comun.json#/$defs/oro"}), "oro"),
        ("estafa", lambda f: props(f)["dinero"].update(type="array"), "type cannot stand beside"),
        ("estafa", lambda f: f.update(type=3), "is no JSON Schema at $.type"),
        ("estafa", lambda f: f.update(additionalProperties=True), "refuse additionalProperties"),
        ("estafa", lambda f: props(f).update(n={"title": "N", "type": "string"}), "no maxLength"),
        ("estafa", lambda f: props(f).update(n={"title": "N", "type": "integer"}), "of type integ"),
        ("estafa", lambda f: props(f).update(n={"title": "N", "type": "number"}), "its smallest"),
        ("estafa", lambda f: props(f).update(n={"title": "N", "type": "array"}), "say its items"),
        ("estafa", lambda f: props(f).update(n={**NOTE, "title": ""}), "n has no title"),
        ("estafa", lambda f: props(f).update(n={**NOTE, "not": {}}), "uses not, for which nobody"),
        ("estafa", lambda f: props(f).update(n={**NOTE, "pattern": "a"}), "between ^ and $"),
        ("estafa", lambda f: props(f).update(n={**NOTE, "format": "iban"}), "unknown format iban"),
        ("estafa", lambda f: props(f).update(n={**NOTE, "x-campo": "oro"}), "unknown x-campo oro"),
        ("estafa", lambda f: props(f).update(n={**NOTE, "x-normal": "y"}), "unknown x-normal y"),
        ("estafa", lambda f: props(f).update(n={**NOTE, "x-avisos": ["y"]}), "unknown warning y"),
        ("estafa", lambda f: props(f).update(n={**NOTE, "x-no-antes-de": "y"}), "x-no-antes-de y"),
        ("estafa", lambda f: props(f).update(n={**NOTE, "x-si": "y"}), "x-si y, which is no yes"),
        ("estafa", lambda f: props(f).update(n={**NOTE, "x-mensajes": {"y": "y"}}), "never fails"),
        ("danos_denuncia", lambda f: props(f).pop("calificaciones"), "must offer those"),
        (
            "danos_denuncia",
            lambda f: props(f)["calificaciones"]["items"]["oneOf"].pop(),
            "calificaciones must offer those of the asunto",
        ),
        (
            "corrupcion",
            lambda f: props(f).update(testigos={"$ref": "comun.json#/$defs/testigos"}),
            "a queja asks nobody's identity",
        ),
        (
            "corrupcion",
            lambda f: props(f).update(hecho={"$ref": "comun.json#/$defs/hecho"}),
            "asks an exact place, is sensible",
        ),
    ],
)
def test_each_mistake_in_a_form_is_named(
    folder: Path,
    name: str,
    how: Change,
    problem: str,
) -> None:
    change(folder, f"{name}.json", how)
    named = problems_of(folder)
    assert any(name in each and problem in each for each in named), named


def test_an_identity_too_deep_for_the_vault_is_named(folder: Path) -> None:
    def bury(shared: dict[str, Any]) -> None:
        place = shared["$defs"]["lugar"]["properties"]
        place["identidad"] = {"$ref": "#/$defs/otra_persona"}

    change(folder, "comun.json", bury)
    assert any(
        "hecho.lugar.identidad is an identidad that is not right below" in each
        for each in problems_of(folder)
    )


def test_what_forms_share_may_not_refer_to_itself(folder: Path) -> None:
    def turn(shared: dict[str, Any]) -> None:
        shared["$defs"]["lugar"]["properties"]["lat"] = {"$ref": "#/$defs/lugar"}

    change(folder, "comun.json", turn)
    assert any("refers to itself" in each for each in problems_of(folder))


@pytest.mark.parametrize("content", ["", "[]", "{", "\ufeff", '{"$defs": 3}'])
def test_a_shared_file_that_cannot_be_read_is_named(folder: Path, content: str) -> None:
    (folder / "formularios" / "comun.json").write_text(content, encoding="utf-8")
    assert any("formularios/comun.json cannot be read" in each for each in problems_of(folder))


def test_an_asunto_without_its_form_is_named(folder: Path) -> None:
    (folder / "formularios" / "estafa.json").unlink()
    assert any("formularios/estafa.json cannot be read" in each for each in problems_of(folder))


@pytest.mark.parametrize(
    ("codigo", "old", "new", "problem"),
    [
        ("estafa", 'tipo = "denuncia"', 'tipo = "hecho"', "asunto estafa: tipo hecho is of an al"),
        ("estafa", '["010315"]', '["0103"]', "estafa: calificaciones must be modalities"),
        ("estafa", '["010315"]', "[]", "calificaciones must be a list that is not empty"),
        ("estafa", '["010315"]', '["010315", "010315"]', "must be a list without repetitions"),
        ("estafa", "n = true", "n = false", "asunto estafa: the account is the denuncia"),
        ("estafa", "answer_days = 10", "answer_days = 0", "estafa: answer_days must be from 1"),
        ("estafa", "answer_days = 10", "answer_days = 400", "estafa: answer_days must be from 1"),
        ("estafa", "remind_days = 3", "remind_days = 10", "estafa: remind_days must be from 1"),
        ("estafa", 'linea = "105"', 'linea = "911"', "asunto estafa: linea 911 is unknown"),
        (
            "estafa",
            "remind_days = 3",
            "remind_days = 3\nreserved_by_matter = true",
            "reserva is asked when the matter does not reserve",
        ),
        (
            "corrupcion",
            "batched = true",
            "batched = true\nreserved_by_matter = true",
            "asunto corrupcion: a queja has no identity to reserve",
        ),
        ("corrupcion", "sensible = true", "sensible = false", "corrupcion: a queja is sensible"),
        ("corrupcion", "publica = false", "publica = true", "a sensible category cannot be publ"),
        (
            "corrupcion",
            "acknowledge_minutes = 1440",
            "acknowledge_minutes = 15",
            "corrupcion: batched cannot be acknowledged in less than 360 minutes",
        ),
        ("delito_en_curso", 'linea = "105"', 'linea = "199"', "desvio delito_en_curso: linea"),
        ("delito_en_curso", 'ir_a = "ale', 'ir_a = "ala', "ir_a must be one of alerta, comisar"),
        ("respondida", '"caso_atendido"', '"nada"', "respondida: unknown desenlace nada"),
        ("respondida", '"caso_atendido"', '"archivado"', "respondida: desenlace archivado is of"),
        ("respondida", '"caso_atendido"', '"bien_devuelto"', "bien_devuelto is of another state"),
        ("respondida", 'state = "resolved"', "", "a desenlace is needed to close, and only then"),
        ("respondida", '["denuncia", "queja"]', '["hecho"]', "kinds must be denuncia or queja"),
        ("respondida", '["words"]', '["dinero"]', "respondida: asks must be one of fiscalia"),
        ("enviada_a_fiscalia", '"fiscalia", ', "", "enviada_a_fiscalia: text_for_citizen tells"),
        ("asignada_a_investigador", "Ya hay", "{investigador}:", "text_for_citizen tells what"),
        ("diligencia", "needs_words = true", "needs_words = false", "nobody opens an identity"),
    ],
)
def test_each_mistake_in_an_asunto_or_act_is_named(
    folder: Path,
    spoil: Break,
    codigo: str,
    old: str,
    new: str,
    problem: str,
) -> None:
    spoil(codigo, old, new)
    named = problems_of(folder)
    assert any(problem in each for each in named), named


def test_an_asunto_with_the_code_of_a_category_is_named(folder: Path, spoil: Break) -> None:
    spoil("estafa", 'codigo = "estafa"', 'codigo = "robo"')
    form = (folder / "formularios" / "estafa.json").read_text(encoding="utf-8")
    (folder / "formularios" / "robo.json").write_text(form.replace('"estafa"', '"robo"'))
    assert "asunto robo: its code is a category's" in problems_of(folder)


def test_a_day_decreed_twice_is_named(folder: Path) -> None:
    path = folder / "dias.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2025-12-26", "2025-05-02"), encoding="utf-8")
    assert "dias: 2025-05-02 is there 2 times" in problems_of(folder)

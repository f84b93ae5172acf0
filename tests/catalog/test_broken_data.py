"""Broken data stops the start, and every problem is named at once."""

from pathlib import Path

import pytest

from backend.catalog.models import CatalogError
from backend.catalog.services import load_catalog
from tests.catalog.conftest import Break


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(CatalogError) as refused:
        load_catalog(folder)
    return refused.value.problems


def test_an_untouched_copy_loads(folder: Path) -> None:
    assert load_catalog(folder) == load_catalog()


@pytest.mark.parametrize(
    ("codigo", "old", "new", "problem"),
    [
        ("robo", '"010301"', '"999999"', "categoria robo: clasificador 999999 is not a modality"),
        ("robo", '"010301"', '"0103"', "categoria robo: clasificador 0103 is not a modality"),
        ("otro_hecho", "n = true", "n = false", "categoria otro_hecho: the classifier demands"),
        ("robo", "prioridad = 1", "prioridad = 4", "categorias[1] robo: acknowledge_minutes is m"),
        ("robo", "prioridad = 1", "prioridad = true", "categorias[1] robo: prioridad must be int"),
        ("extorsion", "prioridad = 2", "prioridad = 9", "categoria extorsion: prioridad must be"),
        ("extorsion", "publica = false", "publica = true", "extorsion: a sensible category cannot"),
        ("extorsion", 'linea = "111"', "", "categoria extorsion: a sensible category needs a lin"),
        ("extorsion", 'r = "extorsion"', 'r = "cupos"', "extorsion: unknown matter cupos"),
        ("extorsion", 'matter = "extorsion"', "", "extorsion: unidad_especializada needs a matte"),
        (
            "extorsion",
            'routing_rule = "unidad_especializada"\nmatter = "extorsion"',
            'routing_rule = "comisaria_del_lugar"',
            "categoria extorsion: sensible needs unidad_especializada",
        ),
        (
            "robo",
            'routing_rule = "comisaria_del_lugar"',
            'routing_rule = "comisaria_del_lugar"\nmatter = "drogas"',
            "categoria robo: matter needs unidad_especializada",
        ),
        ("robo", "comisaria_del_lugar", "la_que_sea", "robo: routing_rule must be one of comisari"),
        ("robo", 'tipo = "hecho"', 'tipo = "delito"', "robo: tipo must be one of hecho, factor"),
        ("robo", 'tipo = "hecho"', 'tipo = "denuncia"', "categoria robo: tipo denuncia is of an"),
        ("robo", 'grupo = "robo"', 'grupo = "robos"', "categoria robo: unknown grupo robos"),
        ("robo", 'linea = "105"', 'linea = "911"', "categoria robo: linea 911 is unknown or has"),
        ("robo", '"hand-grab"', '"Hand Grab"', "categoria robo: icono 'Hand Grab' is not a Tab"),
        ("robo", '"Me están', '"' + "Me " * 20 + "están", "categoria robo: nombre is longer than"),
        ("robo", "terms_reason", "reason", "categorias[1] robo: terms_reason is missing"),
        ("robo", "terms_reason", "reason", "categorias[1] robo: unknown field reason"),
        ("robo", '"Código Penal, arts. 188 y 189"', '" "', "categorias[1] robo: source must be a"),
        ("robo", "sensible = false", 'sensible = "no"', "robo: sensible must be bool"),
        ("robo_celular", '"robo_celular"', '"robo"', "categorias: robo is there 2 times"),
        ("robo", '"robo"', '"Robo Ágil"', "categorias: 'Robo Ágil' must be an ASCII slug"),
        ("extorsion", "acknowledge_minutes = 15", "acknowledge_minutes = 0", "acknowledge_minut"),
        (
            "extorsion",
            "review_minutes = 15",
            "review_minutes = 99999",
            "review_minutes must be fro",
        ),
        ("111", 'numero = "111"', 'numero = "uno-once"', "linea uno-once: must be three or four"),
        ("111", 'numero = "111"', 'numero = "105"', "linea 105: two rows are in force on the sam"),
        ("111", "orden = 5", "orden = 5\nvigente_hasta = 2020-01-01", "111: it ends before it beg"),
        ("111", "orden = 5", "orden = 5\nvigente_hasta = 2025-01-01", "categoria extorsion: linea"),
        ("111", "2024-10-04", '"ayer"', "lineas[5] 111: vigente_desde must be a day"),
        ("111", "2024-10-04", "2024-10-04T10:00:00Z", "lineas[5] 111: vigente_desde must be a day"),
        ("sin_novedad", '"dismissed"', '"archived"', "sin_novedad: state must be one of resolved"),
        ("sin_novedad", '["hecho", "f', '["delito", "f', "sin_novedad: tipos must be one of hecho"),
        ("sin_novedad", 'tipos = ["hecho", "factor_de_riesgo"]', "tipos = []", "must be a list"),
        ("Urgente", "[[grupos]]", "[[grupo]]", "tablas.toml: unknown table grupo"),
    ],
)
def test_each_kind_of_mistake_is_named(
    folder: Path, spoil: Break, codigo: str, old: str, new: str, problem: str
) -> None:
    spoil(codigo, old, new)
    named = problems_of(folder)
    assert any(problem in each for each in named), named


def test_all_problems_of_all_files_are_named_at_once(folder: Path, spoil: Break) -> None:
    spoil("robo", '"010301"', '"999999"')
    spoil("venta_drogas", "publica = false", "publica = true")
    spoil("111", 'numero = "111"', 'numero = "1-1"')
    spoil("sin_novedad", '"dismissed"', '"archived"')
    (folder / "clasificador.csv").write_text("codigo,nivel\n01,uno\n", encoding="utf-8")
    named = "\n".join(problems_of(folder))
    for words in ("999999", "venta_drogas", "1-1", "archived", "clasificador.csv cannot be read"):
        assert words in named


def test_a_priority_left_out_or_repeated_is_named(folder: Path) -> None:
    path = folder / "tablas.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("prioridad = 3", "prioridad = 2"), encoding="utf-8")
    named = problems_of(folder)
    assert "prioridades: 2 is there 2 times" in named
    assert "prioridades: there must be a row for each of 1, 2 and 3, and no other" in named


@pytest.mark.parametrize(
    "content", ["", "categorias = 3", "[[categorias]\n", "categorias = [1]", "\ufeff\x00"]
)
def test_a_file_that_is_not_a_list_of_rows_is_named(folder: Path, content: str) -> None:
    (folder / "categorias.toml").write_text(content, encoding="utf-8")
    assert any("categorias.toml" in problem for problem in problems_of(folder))


def test_missing_files_are_all_named(folder: Path) -> None:
    for name in ("categorias.toml", "lineas.toml", "clasificador.csv"):
        (folder / name).unlink()
    named = "\n".join(problems_of(folder))
    for name in ("categorias.toml", "lineas.toml", "clasificador.csv"):
        assert f"{name} cannot be read" in named

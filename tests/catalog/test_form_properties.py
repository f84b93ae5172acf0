"""Whatever is sent: a form is kept or each wrong field is named in Spanish, and nothing breaks."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.catalog import form_messages, form_values, forms
from backend.catalog.models import Asunto
from backend.catalog.services import load_catalog
from backend.errors import InvalidInput
from tests.catalog import filled

CATALOG = load_catalog()
ASUNTOS = list(CATALOG.asuntos.values())
ANY_ASUNTO = st.sampled_from(ASUNTOS)
BY_NAME = pytest.mark.parametrize("asunto", ASUNTOS, ids=lambda each: each.codigo)
SOME = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

OUR_WORDS = {
    *form_messages.OF_TYPE.values(),
    *(re.sub(r"\{limit\}", ".*", each) for each in form_messages.GENERIC.values()),
    form_messages.MISSING,
    form_messages.UNKNOWN,
    form_values.TOO_MUCH,
    form_values.UNREADABLE,
    form_values.IMPOSSIBLE_NUMBER,
    forms.NOT_A_FORM,
    *(word for asunto in ASUNTOS for word in filled.words_of(asunto.form)),
}
SPANISH = re.compile("|".join(word.replace("*#06#", r"\*#06#") for word in OUR_WORDS))


@BY_NAME
@SOME
@given(data=st.data())
def test_a_form_filled_by_its_schema_is_kept(asunto: Asunto, data) -> None:
    datos = data.draw(filled.forms(asunto))
    assert forms.check(asunto, datos) == []
    kept = forms.read(asunto, datos)
    assert forms.normalised(asunto, kept) == kept
    assert forms.check(asunto, kept) == []
    assert set(forms.calificaciones(asunto, kept)) <= set(asunto.calificaciones)
    json.dumps(kept, ensure_ascii=False, allow_nan=False).encode()


@BY_NAME
@SOME
@given(data=st.data())
def test_no_value_of_an_identity_stays_in_the_case(asunto: Asunto, data) -> None:
    datos = _with_secrets(data.draw(filled.forms(asunto)))
    case, parts = forms.split(asunto, datos)
    assert '"identidad":' not in json.dumps(case)
    assert not any(str(leaf).startswith("SECRETO") for leaf in filled.leaves(case))
    assert forms.join(case, parts) == datos
    secrets = [leaf for leaf in filled.leaves(datos) if str(leaf).startswith("SECRETO")]
    kept = [leaf for each in parts for leaf in filled.leaves(dict(each.data))]
    assert sorted(secrets) == sorted(kept)


@BY_NAME
@SOME
@given(data=st.data())
def test_a_label_stands_where_each_identity_was(asunto: Asunto, data) -> None:
    datos = data.draw(filled.forms(asunto))
    case, parts = forms.split(asunto, datos)
    places = {(each.role, each.position) for each in parts}
    assert len(places) == len(parts)
    shown = forms.labelled(case, {place: f"{place}" for place in places})
    again, labels = forms.split(asunto, shown)
    assert again == case
    assert [each.data for each in labels] == [f"{(each.role, each.position)}" for each in parts]


@BY_NAME
@SOME
@given(data=st.data())
def test_each_error_points_at_its_field_in_spanish(asunto: Asunto, data) -> None:
    datos = data.draw(filled.spoiled(asunto))
    errors = forms.check(asunto, datos)
    assert len({each.field for each in errors}) == len(errors) <= forms.MAX_ERRORS
    for each in errors:
        assert SPANISH.fullmatch(each.message), each.message
        assert _is_place(asunto.form, datos, each.field), each.field
        each.field.encode()
    if not errors:
        assert forms.check(asunto, forms.read(asunto, datos)) == []


@MANY
@given(asunto=ANY_ASUNTO, datos=filled.anything())
def test_anything_else_is_refused_kindly(asunto: Asunto, datos: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        forms.read(forms.asunto_of(CATALOG, datos), datos)
    assert refused.value.errors
    with pytest.raises(InvalidInput):
        forms.read(asunto, datos)


@MANY
@given(asunto=ANY_ASUNTO, values=st.dictionaries(st.text(), filled.anything()))
def test_any_object_with_a_right_asunto_is_refused_kindly(asunto: Asunto, values: Any) -> None:
    datos = {**values, "asunto": asunto.codigo}
    assert forms.asunto_of(CATALOG, datos) is asunto
    assert forms.check(asunto, datos)


@BY_NAME
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_order_of_the_sender_changes_nothing(asunto: Asunto, data) -> None:
    datos = data.draw(filled.forms(asunto))
    backwards = dict(reversed(datos.items()))
    assert forms.split(asunto, backwards) == forms.split(asunto, datos)


def _with_secrets(datos: Any, is_inside: bool = False) -> Any:
    """Every text of every identity made one that cannot be anywhere else."""
    if isinstance(datos, dict):
        return {
            name: _with_secrets(each, is_inside or name == "identidad")
            for name, each in datos.items()
        }
    if isinstance(datos, list):
        return [_with_secrets(each, is_inside) for each in datos]
    return f"SECRETO {datos}" if is_inside else datos


def _is_place(schema: Any, datos: Any, path: str) -> bool:
    """Whether the path leads through the form to a field of it, or to what was sent besides."""
    if path == "datos":
        return True
    steps = path.split(".")
    for at, step in enumerate(steps):
        here = schema if isinstance(schema, dict) else {}
        if step in here.get("properties", {}):
            schema, datos = here["properties"][step], _inner(datos, step)
        elif "items" in here and isinstance(datos, list) and step.isdigit():
            schema, datos = here["items"], _inner(datos, int(step))
        else:  # made-up names are shown short and readable, and may hold dots themselves
            rest = ".".join(steps[at:])
            places = datos if isinstance(datos, dict) else range(len(datos))
            return any(rest.startswith(form_values.dotted((name,))) for name in places)
    return True


def _inner(datos: Any, step: str | int) -> Any:
    try:
        return datos[step]
    except (KeyError, IndexError, TypeError):
        return {}

"""The signature of a constancia: what verifies, and everything that must not."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.constancia.models import Verdict
from backend.constancia.services import (
    ALPHABET,
    CODE_SYMBOLS,
    _issue_with,
    canonical_json,
    keys_as_json,
    keys_from_json,
    read_code,
    read_document,
    verify,
)
from backend.reports.numbers import ALPHABET as NUMBER_ALPHABET
from tests.constancia.examples import (
    KEYS,
    NUMERO,
    RECEIVED,
    RETIRED,
    SALT,
    SECOND,
    SECRETS,
    SINCE,
    content,
    issued,
)


def verdict(code, said=None, salt=None):
    return verify(code, KEYS, said, salt).verdict


def test_a_constancia_verifies_with_its_content():
    payload = issued()
    found = verify(payload.code, KEYS, content(), SALT)
    assert found.verdict is Verdict.GOOD
    assert (found.numero, found.key_version) == (NUMERO, 1)
    assert found.issued_at == RECEIVED.replace(microsecond=0) == payload.issued_at
    assert len(payload.code) == CODE_SYMBOLS


def test_one_changed_symbol_anywhere_does_not_verify():
    code = issued().code
    for place in range(len(code)):
        for symbol in set(ALPHABET) - {code[place]}:
            changed = code[:place] + symbol + code[place + 1 :]
            assert verdict(changed) is not Verdict.GOOD, (place, symbol)


def test_another_numbers_signature_does_not_verify():
    mine, others = issued().code, issued(content(numero="YA-0000-000Z-0")).code
    assert verdict(mine[:46] + others[46:]) is Verdict.CHANGED
    assert verdict(mine[:4] + others[4:13] + mine[13:]) is Verdict.CHANGED


def test_a_missing_a_doubled_and_a_foreign_symbol_are_no_code():
    code = issued().code
    for wrong in ("", code[:-1], code + "0", code[:-1] + "U", code[:-1] + "Ñ", "2" + code[1:]):
        assert verdict(wrong) is Verdict.UNREADABLE


def test_a_retired_keys_new_signature_does_not_verify_and_its_old_ones_do():
    before = issued(at=RETIRED - SECOND).code
    assert verdict(before) is Verdict.GOOD
    assert verdict(issued(at=RETIRED).code) is Verdict.KEY_RETIRED
    assert verdict(issued(at=RETIRED + timedelta(days=300)).code) is Verdict.KEY_RETIRED


def test_a_key_does_not_sign_before_it_exists():
    assert verdict(issued(at=SINCE - SECOND).code) is Verdict.KEY_TOO_YOUNG
    assert verdict(issued(at=SINCE).code) is Verdict.GOOD
    assert verdict(issued(at=RETIRED, version=2).code) is Verdict.GOOD


def test_the_second_in_which_a_key_was_born_is_its_own():
    # A code knows whole seconds, a key ring microseconds.
    born = RETIRED.replace(microsecond=600_000)
    keys = [KEYS[0], type(KEYS[1])(2, KEYS[1].public, born, None)]
    payload = issued(at=born + timedelta(milliseconds=1), version=2)
    assert verify(payload.code, keys).verdict is Verdict.GOOD


def test_a_key_that_nobody_published_is_unknown():
    assert verify(issued(version=2).code, KEYS[:1]).verdict is Verdict.UNKNOWN_KEY
    assert verify(issued().code, []).verdict is Verdict.UNKNOWN_KEY


def test_another_content_or_salt_does_not_match():
    code = issued().code
    assert verdict(code, content(relato="Otra cosa"), SALT) is Verdict.OTHER_CONTENT
    assert verdict(code, content(), bytes(16)) is Verdict.OTHER_CONTENT
    assert verdict(code, content(), b"") is Verdict.OTHER_CONTENT
    assert verdict(code, content(bienes=[1.5]), SALT) is Verdict.OTHER_CONTENT
    assert verdict(code, content(relato="\ud800"), SALT) is Verdict.OTHER_CONTENT


def test_the_same_account_has_another_hash_in_each_constancia():
    said = content()
    assert read_code(issued(said).code).digest != read_code(issued(content(fotos=[])).code).digest


def test_a_typed_code_is_forgiven_what_a_number_is_forgiven():
    code = issued().code
    in_groups = "-".join(code[start : start + 5] for start in range(0, len(code), 5))
    assert verdict(in_groups.lower()) is Verdict.GOOD
    assert verdict(f"https://example.org/constancia#{code}") is Verdict.GOOD
    assert verdict(code.replace("1", "l").replace("0", "o") + "\n") is Verdict.GOOD
    assert ALPHABET == NUMBER_ALPHABET


def test_a_content_of_another_number_is_not_signed():
    with pytest.raises(ValueError, match="another report"):
        _issue_with(1, SECRETS[1], "YA-0000-000Z-0", RECEIVED, content(), SALT)


def test_the_document_comes_back_as_it_was_written():
    payload = issued()
    assert read_document(payload.text) == (payload.code, content(), SALT)
    for wrong in ("", "[]", "{}", '{"codigo": 1}', '{"codigo":"x","contenido":{},"sal":"zz"}'):
        with pytest.raises(ValueError, match=r".*"):
            read_document(wrong)


def test_published_keys_survive_their_file():
    assert keys_from_json(json.dumps(keys_as_json(KEYS))) == KEYS
    with pytest.raises(ValueError, match="published keys"):
        keys_from_json('{"llaves": [{"version": 1}]}')


def test_canonical_json_is_the_same_in_every_order_and_holds_no_fraction():
    assert (
        canonical_json({"b": "ñ", "a": [1, None, True]}) == '{"a":[1,null,true],"b":"ñ"}'.encode()
    )
    with pytest.raises(ValueError, match="fractions"):
        canonical_json({"a": [{"b": 1.0}]})


@settings(deadline=None)
@given(st.text(max_size=400))
def test_whatever_is_typed_gets_a_verdict(text):
    assert verify(text, KEYS).verdict in Verdict


@settings(deadline=None)
@given(st.timedeltas(timedelta(0), RETIRED - SINCE - SECOND))
def test_every_time_of_the_key_verifies(after):
    assert verdict(issued(at=SINCE + after).code) is Verdict.GOOD

"""Numbers and claves: the vectors of docs/numero.md, and what people do to them."""

import re
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.crypto import PURPOSES, KeyRing
from backend.reports.numbers import (
    ALPHABET,
    check_symbol,
    clave_for,
    clave_matches,
    new_number,
    parse_number,
)

DOCS = (Path(__file__).parents[2] / "docs" / "numero.md").read_text()

symbols = st.text(ALPHABET, min_size=8, max_size=8)
given_to_people = symbols.filter(lambda text: check_symbol(text) in ALPHABET)


def ring(byte: int = 7) -> KeyRing:
    """Every key made of one repeated byte, as the documentation says."""
    key = bytes([byte]) * 32
    return KeyRing(
        {purpose: {1: key, 2: key[::-1][:-1] + b"\x01"} for purpose in PURPOSES},
        dict.fromkeys(PURPOSES, 1),
    )


def whole(text: str) -> str:
    return f"YA-{text[:4]}-{text[4:]}-{check_symbol(text)}"


def rows_of(title: str) -> list[list[str]]:
    """The rows of the table under a title of the documentation."""
    section = DOCS.split(f"## {title}")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row] for row in rows[2:]]


# The check symbol


# Published examples of ISO/IEC 7064 MOD 37,36, outside this project.
@pytest.mark.parametrize(
    ("text", "check"), [("A12425GABC1234002", "M"), ("00000000C36D002B00000000", "E")]
)
def test_the_check_symbol_is_iso_7064_mod_37_36(text, check):
    assert check_symbol(text) == check


@pytest.mark.parametrize("row", rows_of("Vectores del símbolo de control"), ids=str)
def test_documented_check_symbols(row):
    text, check = row
    assert check_symbol(text) == check


@given(symbols)
def test_a_number_is_read_as_it_was_written(text):
    number = whole(text)
    if number[-1] in ALPHABET:
        assert parse_number(number) == number
    else:
        assert parse_number(number) is None  # never given to anybody


@given(given_to_people, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_always_noticed(text, place, other):
    number = list(text + check_symbol(text))
    if number[place] == other:
        return
    number[place] = other
    assert parse_number("".join(number)) is None


def test_nearly_every_two_swapped_neighbours_are_noticed():
    dice = Random(7064)
    swaps = missed = 0
    for _ in range(3000):
        text = "".join(dice.choices(ALPHABET, k=8))
        place = dice.randrange(7)
        swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        if swapped != text:
            swaps += 1
            missed += check_symbol(swapped) == check_symbol(text)
    assert missed < swaps / 100  # by the mathematics, one in six hundred


def test_new_numbers_are_canonical_and_differ():
    numbers = {new_number() for _ in range(500)}
    assert len(numbers) == 500
    for number in numbers:
        assert re.fullmatch(r"YA-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-.", number)
        assert set(number.replace("-", "")[2:]) <= set(ALPHABET)
        assert parse_number(number) == number


# Forgiving


@pytest.mark.parametrize("row", rows_of("Cómo se lee lo que escribe una persona"), ids=str)
def test_documented_readings(row):
    written, meant = row
    assert parse_number(written) == (meant if meant.startswith("YA-") else None)


@given(given_to_people.map(whole), st.randoms())
def test_people_may_write_it_in_many_ways(number, random):
    sloppy = number
    for right, wrongs in (("1", "IiLl1"), ("0", "Oo0")):
        sloppy = "".join(random.choice(wrongs) if s == right else s for s in sloppy)
    sloppy = "".join(random.choice((s.lower(), s.upper())) for s in sloppy)
    sloppy = sloppy.replace("-", random.choice(("", "-", " ", " - ", "–", "—")))
    if random.random() < 0.5:
        sloppy = sloppy[2:]
    assert parse_number(sloppy) == number


@given(st.text(max_size=80))
def test_anything_at_all_is_read_or_refused_quietly(text):
    meant = parse_number(text)
    assert meant is None or parse_number(meant) == meant


# The clave


@pytest.mark.parametrize("row", rows_of("Vectores de la clave"), ids=str)
def test_documented_claves(row):
    report_id, key_version, clave_version, clave = row
    assert clave_for(ring(), int(key_version), UUID(report_id), int(clave_version)) == clave


@given(st.uuids(), st.integers(1, 60_000))
def test_a_clave_is_stable_and_well_formed(report_id, version):
    clave = clave_for(ring(), 1, report_id, version)
    assert clave == clave_for(ring(), 1, report_id, version)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", clave)


@given(st.uuids(), st.uuids())
def test_every_report_version_and_key_has_its_own_clave(one, other):
    claves = {
        clave_for(ring(), 1, one, 1),
        clave_for(ring(), 1, one, 2),
        clave_for(ring(), 2, one, 1),
        clave_for(ring(8), 1, one, 1),
        clave_for(ring(), 1, other, 1),
    }
    assert len(claves) == (5 if one != other else 4)


def test_a_clave_is_compared_forgivingly():
    clave = clave_for(ring(), 1, UUID(int=1), 1)
    assert clave_matches(clave.lower().replace("-", " "), clave)
    assert clave_matches(clave.replace("1", "l").replace("0", "o"), clave)
    assert not clave_matches(clave[:-1], clave)
    assert not clave_matches("", clave)
    assert not clave_matches("ñ" * 16, clave)


def test_sixty_four_written_symbols_are_enough_for_anybody():
    assert parse_number(" " * 64 + "YA-0000-0000-0") is None


def test_the_ring_without_the_key_cannot_tell():
    with pytest.raises(KeyError):
        clave_for(ring(), 3, UUID(int=1), 1)

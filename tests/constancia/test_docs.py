"""docs/constancia.md: its vectors are what the code does."""

import json
import re
from pathlib import Path

import pytest

from backend.constancia.models import Verdict
from backend.constancia.services import canonical_json, digest_of, keys_from_json, verify
from tests.constancia.examples import KEYS, SALT

DOCS = (Path(__file__).parents[2] / "docs" / "constancia.md").read_text()
KEYS_TEXT, CONTENT_TEXT = re.findall(r"```json\n(.*)\n```", DOCS)
VECTORS = re.findall(r"^\| `([^`]{100,})` \| `(\w+)` \|$", DOCS, re.MULTILINE)


def test_the_published_keys_are_those_of_the_known_secrets():
    assert keys_from_json(KEYS_TEXT) == KEYS


def test_content_and_hash_are_exact():
    said = json.loads(CONTENT_TEXT)
    assert canonical_json(said).decode() == CONTENT_TEXT
    assert f"`{digest_of(said, SALT).hex()}`" in DOCS
    assert f"`{SALT.hex()}`" in DOCS


@pytest.mark.parametrize(("code", "verdict"), VECTORS)
def test_each_code_has_its_verdict(code, verdict):
    assert verify(code, KEYS, json.loads(CONTENT_TEXT), SALT).verdict == verdict


def test_every_verdict_has_a_vector():
    assert {verdict for _, verdict in VECTORS} == set(Verdict)

"""An office that keeps the roster of the western comisaría, and a loader of its region."""

import pytest

from backend.identity.models import Staff
from tests.builders import Callao, a_member_of_staff
from tests.juntas import an_office_account


@pytest.fixture
def callao(app) -> Callao:
    return Callao()


@pytest.fixture
def office(callao: Callao) -> Staff:
    return an_office_account(callao.west)


@pytest.fixture
def second(callao: Callao, office: Staff) -> Staff:
    """The office's other account."""
    return an_office_account(callao.west, "juntas.otra")


@pytest.fixture
def comisario(callao: Callao) -> Staff:
    return a_member_of_staff("comisario.oeste", "comisario", callao.west)


@pytest.fixture
def loader(callao: Callao) -> Staff:
    return a_member_of_staff("cargador.region", "cargador_padron", callao.region)

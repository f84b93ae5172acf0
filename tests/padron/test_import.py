"""An import from its file to the roster: what is taken, what is told wrong, what undoes it."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, text

from backend import clock
from backend.app import parts_of
from backend.boards import services as boards
from backend.boards.members import record_training
from backend.boards.models import JuntaEvent, JuntaMember, JuntaTerm, JuntaVecinal
from backend.boards.readings import read_names
from backend.db import db, transaction
from backend.errors import Conflict, NotFound
from backend.identity.models import AuditEntry
from backend.padron import services as imports
from backend.padron.applying import apply_import
from backend.padron.exports import ask_export
from backend.padron.models import ImportState, PadronExport, PadronImport, PadronRow
from backend.padron.spreadsheet_writer import harmless
from backend.padron.undoing import undo_import
from backend.territory.queries import today
from tests.builders import count
from tests.juntas import a_junta, a_member, an_identity
from tests.padron.files import (
    AREA,
    a_book,
    a_row,
    cell,
    checked,
    fresh,
    rows,
    uploaded,
    warned,
    work_on,
    wrong,
)


def apply(staff, one: PadronImport, *, only_right: bool = False) -> PadronImport:
    apply_import(staff, one.id, only_right=only_right, now=clock.now())
    return fresh(one.id)


def in_vault(owner_engine) -> int:
    with owner_engine.connect() as owner:
        return int(owner.execute(text("SELECT count(*) FROM vault.member")).scalar_one())


def actions() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


# Taking in


def test_a_right_file_becomes_a_junta_with_its_members(office, owner_engine):
    content = [a_row(1, cargo="coordinador", area=AREA), *rows(4)[1:], a_row(9, sexo="hombre")]
    one = checked(office, a_book(content))
    assert (one.state, one.rows_total, one.rows_done, one.rows_right) == ("revisada", 5, 5, 5)
    assert wrong(one) == {}
    assert one.sealed_file is None, "the file is forgotten once read"
    assert count("junta_vecinal") == 0, "nothing is registered by a check"

    one = apply(office, one)
    assert one.state == "aplicada"
    [junta] = db.session.scalars(select(JuntaVecinal))
    assert (junta.code, junta.name, junta.scope) == ("JV-100", "Junta de la manzana B", "manzana")
    assert junta.area_source == "importada"
    assert junta.unit_id == office.unit_id
    [term] = db.session.scalars(select(JuntaTerm))
    assert term.valid_until == junta.valid_until
    begins = term.valid_from
    assert term.valid_until == begins.replace(year=begins.year + 2) - timedelta(days=1)
    members = db.session.scalars(select(JuntaMember).order_by(JuntaMember.position)).all()
    assert [one.position for one in members] == [1, 2, 3, 4, 5]
    assert [one.post for one in members[:2]] == ["coordinador", "integrante"]
    assert members[4].sex == "hombre"
    assert count("padron_row") == 0
    assert actions()[-2:] == ["padron_uploaded", "padron_imported"]
    parts, junta_id = parts_of(), junta.id
    names = read_names(
        parts.settings.keys, parts.catalog, office, junta_id, reason="reunion", now=clock.now()
    )
    assert {who["numero_documento"] for who in names.values()} >= {"40000001", "40000009"}


def test_points_with_the_apostrophe_that_our_own_files_give_them_come_in_again(office):
    """A spreadsheet takes what begins with a minus for a formula: files write 'text."""
    one = checked(office, a_book([a_row(1, area=harmless(AREA))]))
    assert wrong(one) == {}
    apply(office, one)
    [junta] = db.session.scalars(select(JuntaVecinal))
    assert junta.geom is not None


def test_nothing_of_a_person_stays_outside_the_vault(office, owner_engine):
    one = checked(office, a_book([a_row(1, nombres="Secretísima", celular="999888777")]))
    with owner_engine.connect() as owner:
        told = str(owner.execute(text("SELECT * FROM padron_row")).all())
        told += str(owner.execute(text("SELECT * FROM padron_import")).all())
    assert one.rows_right == 1
    for secret in ("Secretísima", "40000001", "999888777"):
        assert secret not in told


def test_a_check_that_runs_twice_changes_nothing(office, owner_engine):
    import_id = uploaded(office, a_book(rows(3)))
    work_on(import_id)
    work_on(import_id)
    assert fresh(import_id).rows_done == 3
    assert in_vault(owner_engine) == 3


def test_a_check_that_broke_off_begins_anew(office, owner_engine, monkeypatch):
    import_id = uploaded(office, a_book(rows(3)))
    with monkeypatch.context() as patch:
        patch.setattr("backend.padron.checking._conclude", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work_on(import_id)
    assert fresh(import_id).last_error == "Se interrumpió la revisión."
    work_on(import_id, clock.now() + timedelta(minutes=1))
    one = fresh(import_id)
    assert (one.state, one.rows_done, one.rows_right) == ("revisada", 3, 3)
    assert in_vault(owner_engine) == 3
    assert count("padron_row") == 3


def test_a_discarded_file_leaves_nothing(office, owner_engine):
    one = checked(office, a_book(rows(3)))
    assert in_vault(owner_engine) == 3
    imports.discard(office, one.id, clock.now())
    assert fresh(one.id).state == "descartada"
    assert in_vault(owner_engine) == 0
    assert count("padron_row") == 0
    with pytest.raises(Conflict):
        imports.discard(office, one.id, clock.now())


def test_a_file_on_which_nobody_decides_is_given_up(office, owner_engine):
    one = checked(office, a_book(rows(2)))
    later = clock.now() + imports.STALE + timedelta(minutes=1)
    assert imports.discard_stale(clock.now()) == 0
    assert imports.discard_stale(later) == 1
    assert fresh(one.id).state == "descartada"
    assert in_vault(owner_engine) == 0


def test_given_up_while_a_worker_reads_it(office, owner_engine, monkeypatch):
    from backend.padron import checking

    import_id = uploaded(office, a_book(rows(2)))
    real = checking._understood

    def slow(task, sheet):
        imports.discard(office, import_id, clock.now())
        return real(task, sheet)

    monkeypatch.setattr(checking, "_understood", slow)
    work_on(import_id)
    assert fresh(import_id).state == "descartada"
    assert in_vault(owner_engine) == 0


# Wrong cells

WRONG = {
    "a DNI of seven digits": ({"numero_documento": "4000001"}, "numero_documento", "8 cifras"),
    "no DNI": ({"numero_documento": None}, "numero_documento", "Falta"),
    "a name with digits": ({"nombres": "Pers0na"}, "nombres", "solo con letras"),
    "no name": ({"nombres": "  "}, "nombres", "Falta"),
    "an unknown post": ({"cargo": "tesorero"}, "cargo", "No está en la lista"),
    "no post": ({"cargo": None}, "cargo", "Falta"),
    "an unknown scope": ({"ambito": "galaxia"}, "ambito", "No está en la lista"),
    "an unknown sex": ({"sexo": "x"}, "sexo", "«mujer» u «hombre»"),
    "a lone M": ({"sexo": "M"}, "sexo", "La M sola"),
    "a day that is none": ({"reconocida_el": "31/02/2026"}, "reconocida_el", "No es una fecha"),
    "a short year": ({"vigente_desde": "12/03/26"}, "vigente_desde", "cuatro cifras"),
    "a term in the past": (
        {"reconocida_el": "01/02/2020", "vigente_desde": "01/02/2020"},
        "vigente_hasta",
        "ya terminó",
    ),
    "a term that ends first": ({"vigente_hasta": "01/01/2020"}, "vigente_hasta", "antes de"),
    "an act of tomorrow": (
        {"reconocida_el": today() + timedelta(days=1)},
        "reconocida_el",
        "de hoy o de antes",
    ),
    "since after until": (
        {"desde": today(), "hasta": today() - timedelta(days=1)},
        "hasta",
        "antes de empezar",
    ),
    "a phone that is none": ({"celular": "5551234"}, "celular", "9 cifras"),
    "another comisaría": ({"comisaria": "EAST"}, "comisaria", "No es su comisaría"),
    "an area that is none": ({"area": "por el parque"}, "area", "WKT, GeoJSON o puntos"),
    "an area elsewhere": (
        {"area": "-12.058,-77.052; -12.058,-77.048; -12.062,-77.048"},
        "area",
        "fuera de la jurisdicción",
    ),
    "a code with signs": ({"junta_codigo": "JV#1"}, "junta_codigo", "letras y cifras"),
    "words that compute": ({"acto": "+1+1"}, "acto", "fórmula"),
    "an unknown document": ({"tipo_documento": "brevete"}, "tipo_documento", "DNI o CE"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_cell_is_told_in_words(office, name):
    changes, column, words = WRONG[name]
    own_junta = {"junta_codigo": "JV-300", **changes}
    one = checked(office, a_book([a_row(1), a_row(2), a_row(3, **own_junta)]))
    assert one.rows_right == 2, wrong(one)
    said = wrong(one)
    assert words in said[cell(column, 4)]
    assert list(said) == [cell(column, 4)], "one mistake is told once"
    for value in changes.values():
        if isinstance(value, str) and len(value) > 4:
            assert value not in str(said), "what stands in a cell is never repeated"


def test_twice_in_the_file_is_told_of_both(office):
    one = checked(office, a_book([a_row(1), a_row(2), a_row(1, nombres="Otra")]))
    said = wrong(one)
    assert "fila 4" in said[cell("numero_documento", 2)]
    assert "fila 2" in said[cell("numero_documento", 4)]
    assert one.rows_right == 1


def test_juntas_that_contradict_each_other(office):
    other = today() - timedelta(days=20)
    one = checked(
        office,
        a_book([a_row(1), a_row(2, junta_nombre="Otra junta"), a_row(3, vigente_desde=other)]),
    )
    assert set(wrong(one)) == {
        cell("junta_nombre", 3),
        cell("vigente_desde", 4),
    }
    assert "fila 2" in wrong(one)[cell("junta_nombre", 3)]


def test_two_coordinators_in_one_junta(office):
    content = [a_row(1, cargo="coordinador"), a_row(2, cargo="Coordinadora")]
    one = checked(office, a_book(content))
    assert "uno solo" in wrong(one)[cell("cargo", 3)]
    ends = today() + timedelta(days=10)
    content[0]["hasta"], content[1]["desde"] = ends, ends + timedelta(days=1)
    assert wrong(checked(office, a_book(content))) == {}, "one after the other is fine"


def test_all_or_nothing_and_only_the_right_rows(office):
    one = checked(office, a_book([a_row(1), a_row(2, sexo="?"), a_row(3)]))
    with pytest.raises(Conflict, match="celdas por corregir"):
        apply(office, one)
    assert count("junta_member") == 0
    apply(office, one, only_right=True)
    assert count("junta_member") == 2
    with pytest.raises(Conflict):
        apply(office, one, only_right=True)


def test_a_file_without_a_right_row_registers_nothing(office):
    one = checked(office, a_book([a_row(1, sexo="?")]))
    with pytest.raises(Conflict, match="Ninguna fila"):
        apply(office, one, only_right=True)


# What the unit has already


def test_whoever_is_in_the_junta_already_stays_as_they_are(office):
    apply(office, checked(office, a_book(rows(2))))
    one = checked(office, a_book(rows(3)))
    assert (one.rows_right, one.rows_known) == (3, 2)
    apply(office, one)
    assert count("junta_member") == 3
    assert count("junta_vecinal") == 1


def test_whoever_is_in_another_junta_of_the_unit_is_told(office, callao):
    a_member(a_junta(callao.west), identity=an_identity("40000001"))
    one = checked(office, a_book([a_row(1), a_row(2)]))
    assert "JV-001" in wrong(one)[cell("numero_documento", 2)]
    assert one.rows_right == 1


def test_members_of_another_unit_are_nobodys_business(office, callao):
    a_member(a_junta(callao.east, box=None), identity=an_identity("40000001"))
    one = checked(office, a_book([a_row(1)]))
    assert (wrong(one), one.rows_known, one.rows_right) == ({}, 0, 1)


def test_a_later_term_renews_the_junta(office):
    apply(office, checked(office, a_book(rows(2))))
    [junta] = db.session.scalars(select(JuntaVecinal))
    begins = junta.valid_until + timedelta(days=1)
    too_far = checked(office, a_book(rows(2, vigente_desde=begins, acto="Acta 7")))
    assert "Revise el año" in wrong(too_far)[cell("vigente_desde", 2)]
    with transaction():
        ends = today() + timedelta(days=20)
        for term in db.session.scalars(select(JuntaTerm)):
            term.valid_until = ends
        db.session.get_one(JuntaVecinal, junta.id).valid_until = ends
    begins = ends + timedelta(days=1)
    one = checked(office, a_book(rows(3, vigente_desde=begins, acto="Acta 7")))
    assert wrong(one) == {}
    assert one.rows_known == 2
    apply(office, one)
    db.session.expire_all()
    [junta] = db.session.scalars(select(JuntaVecinal))
    assert junta.valid_until == begins.replace(year=begins.year + 2) - timedelta(days=1)
    assert count("junta_term") == 2
    undo_import(office, one.id, clock.now())
    db.session.expire_all()
    assert db.session.scalars(select(JuntaVecinal.valid_until)).one() == ends
    assert (count("junta_term"), count("junta_member")) == (1, 2)


def test_a_term_that_overlaps_is_told(office):
    apply(office, checked(office, a_book(rows(1))))
    one = checked(office, a_book([a_row(2, vigente_desde=today())]))
    assert "No es el periodo registrado" in wrong(one)[cell("vigente_desde")]


def test_another_name_for_a_known_code_is_told(office):
    apply(office, checked(office, a_book(rows(1))))
    one = checked(office, a_book([a_row(2, junta_nombre="Los Geranios")]))
    assert "otro nombre" in wrong(one)[cell("junta_nombre")]
    same = checked(office, a_book([a_row(2, junta_nombre="  JUNTA de la Manzana   B ")]))
    assert wrong(same) == {}


def test_a_dissolved_junta_takes_nobody(office, callao):
    junta = a_junta(callao.west, "JV-100", name="Junta de la manzana B")
    junta_id = junta.id
    boards.dissolve(
        parts_of().catalog,
        office,
        junta_id,
        reason=next(iter(parts_of().catalog.juntas.disoluciones)),
        on=today(),
        now=clock.now(),
    )
    one = checked(office, a_book([a_row(1)]))
    assert "disuelta" in wrong(one)[cell("junta_codigo")]


def test_the_post_that_somebody_has(office, callao):
    a_member(a_junta(callao.west, "JV-100", name="Junta de la manzana B"), "coordinador")
    [term] = db.session.scalars(select(JuntaTerm))
    same = {"vigente_desde": term.valid_from, "vigente_hasta": term.valid_until}
    one = checked(office, a_book([a_row(1, cargo="coordinador", **same)]))
    assert "otra persona en ese cargo" in wrong(one)[cell("cargo")]


def test_a_roster_that_changed_since_the_check_is_compared_anew(office, callao):
    one = checked(office, a_book(rows(2)))
    apply(office, checked(office, a_book([a_row(7, junta_codigo="JV-300")])))
    with pytest.raises(Conflict, match="cambió después"):
        apply(office, one)
    assert fresh(one.id).state == "revisada"


# Undoing


def test_undoing_leaves_nothing_but_the_trace(office, owner_engine):
    one = apply(office, checked(office, a_book(rows(4, area=AREA))))
    undo_import(office, one.id, clock.now())
    assert fresh(one.id).state == "deshecha"
    assert [count(table) for table in ("junta_vecinal", "junta_term", "junta_member")] == [0, 0, 0]
    assert in_vault(owner_engine) == 0
    events = db.session.scalars(select(JuntaEvent.event).order_by(JuntaEvent.id)).all()
    assert events == ["imported", "import_undone"]
    assert actions()[-1] == "padron_undone"
    with pytest.raises(Conflict):
        undo_import(office, one.id, clock.now())
    assert apply(office, checked(office, a_book(rows(4)))).state == "aplicada"


def test_undoing_takes_only_what_it_brought(office):
    apply(office, checked(office, a_book(rows(2))))
    one = apply(office, checked(office, a_book(rows(5))))
    undo_import(office, one.id, clock.now())
    assert (count("junta_vecinal"), count("junta_member")) == (1, 2)


def test_what_was_built_on_it_stands_in_the_way(office):
    one = apply(office, checked(office, a_book(rows(2))))
    member_id = db.session.scalars(select(JuntaMember.id)).first()
    assert member_id is not None
    parts = parts_of()
    record_training(
        parts.catalog, office, member_id, topic="prevencion", held_on=today(), now=clock.now()
    )
    with pytest.raises(Conflict, match=r"capacitaciones \(1\)"):
        undo_import(office, one.id, clock.now())
    assert count("junta_member") == 2


def test_an_export_of_its_junta_stands_in_the_way(office, loader):
    """Whose names went out as a file, and of which junta, is not forgotten."""
    for who, comisaria in ((office, ""), (loader, "WEST")):
        one = apply(who, checked(who, a_book(rows(2, comisaria=comisaria))))
        junta_id = db.session.scalars(select(JuntaVecinal.id)).one()
        ask_export(
            parts_of().catalog,
            office,
            junta_id=junta_id,
            format="csv",
            reason="reunion",
            now=clock.now(),
        )
        with pytest.raises(Conflict):
            undo_import(who, one.id, clock.now())
        with transaction():
            db.session.execute(delete(PadronExport))
        undo_import(who, one.id, clock.now())


def test_after_a_month_nothing_is_undone(office):
    one = apply(office, checked(office, a_book(rows(1))))
    with pytest.raises(Conflict, match="30 días"):
        undo_import(office, one.id, clock.now() + timedelta(days=31))


# A loader writes and learns nothing


def test_a_loader_fills_the_comisarias_below_its_own(loader, callao):
    content = [
        a_row(1, comisaria="WEST"),
        a_row(1, comisaria=" comisaria  east ", junta_codigo="JV-9"),
        a_row(3),
        a_row(4, comisaria="NOWHERE"),
    ]
    one = checked(loader, a_book(content))
    said = wrong(one)
    assert "Falta la comisaría" in said[cell("comisaria", 4)]
    assert "No está entre" in said[cell("comisaria", 5)]
    apply(loader, one, only_right=True)
    units = db.session.scalars(select(JuntaVecinal.unit_id).order_by(JuntaVecinal.unit_id)).all()
    assert units == sorted([callao.west.id, callao.east.id])


def told_of(staff, content: bytes) -> tuple:
    one = checked(staff, content)
    facts = (one.state, one.rows_total, one.rows_right, one.rows_known, wrong(one), warned(one))
    apply(staff, one, only_right=True)
    applied = fresh(one.id)
    return (*facts, applied.state, applied.rows_right)


def test_a_loader_is_told_the_same_whatever_the_unit_has(loader, callao):
    content = a_book([a_row(1, comisaria="WEST", cargo="coordinador"), a_row(2, comisaria="WEST")])
    before = told_of(loader, content)
    again = told_of(loader, content)
    assert again == before, "by who is in the junta already"
    members = db.session.scalars(select(JuntaMember).order_by(JuntaMember.id)).all()
    assert sorted(one.is_repeated for one in members) == [False, False, True, True]
    other = [
        a_row(1, comisaria="WEST", junta_nombre="Otra", cargo="coordinador", vigente_desde=today()),
        a_row(2, comisaria="WEST", junta_nombre="Otra", vigente_desde=today()),
    ]
    assert told_of(loader, a_book(other)) == before, "by the junta's name and term"
    with transaction():
        for junta in db.session.scalars(select(JuntaVecinal)):
            junta.ended_on, junta.end_reason = today(), "otro"
    assert told_of(loader, content) == before, "by a junta's end"


def test_a_loader_undoing_learns_nothing(loader, office):
    one = apply(loader, checked(loader, a_book([a_row(1, comisaria="WEST")])))
    member_id = db.session.scalars(select(JuntaMember.id)).one()
    parts = parts_of()
    record_training(
        parts.catalog, office, member_id, topic="prevencion", held_on=today(), now=clock.now()
    )
    with pytest.raises(Conflict) as told:
        undo_import(loader, one.id, clock.now())
    assert "capacitaci" not in told.value.detail


def test_imports_are_their_owners(loader, office, callao, second):
    from tests.builders import a_member_of_staff
    from tests.juntas import an_office_account

    mine = checked(office, a_book(rows(1)))
    loaded = checked(loader, a_book([a_row(2, comisaria="WEST")]))
    other_loader = a_member_of_staff("cargador.otro", "cargador_padron", callao.region)
    stranger = an_office_account(callao.east, "juntas.este")
    for who, one in (
        (stranger, mine),
        (loader, mine),
        (office, loaded),
        (other_loader, loaded),
    ):
        with pytest.raises(NotFound):
            imports.discard(who, one.id, clock.now())
    imports.discard(second, mine.id, clock.now())  # the same office's other account


def test_rows_and_members_agree_in_number(office):
    apply(
        office, checked(office, a_book([a_row(n, junta_codigo=f"J-{n % 40}") for n in range(600)]))
    )
    assert count("junta_vecinal") == 40
    assert db.session.scalar(select(func.max(JuntaMember.position))) == 15
    assert db.session.scalars(select(PadronRow)).all() == []
    assert isinstance(db.session.scalars(select(JuntaMember.id)).first(), UUID)
    assert ImportState.APPLIED == "aplicada"

"""What an author does on a phone and an officer at a desk, in the words of the stories."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.pages.test_alert import take_photo
from tests.pages.test_denuncia import choose, go_on
from tests.pages.test_tracking import look
from tests.panel.conftest import cookies_for
from tests.panel.stories import Officer, Town

# All that a browser can keep of a page.
KEPT = """async () => [
  ...Object.keys(localStorage), ...Object.keys(sessionStorage),
  ...(await caches.keys()), ...(await indexedDB.databases()).map((one) => one.name),
  ...document.cookie.split(';').filter(Boolean)]"""


def read(page: Page, *words: str) -> None:
    """All of it stands on the page for everybody to see."""
    for one in words:
        expect(page.locator("main").get_by_text(one).filter(visible=True).first).to_be_visible()


class Author:
    """Somebody with a phone, who holds a number and a clave once something was sent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.numero = self.clave = ""

    def chooses(self, asunto: str, first_step: str) -> None:
        choose(self.page, asunto)
        expect(self.page.get_by_role("heading", level=1, name=first_step)).to_be_visible()

    def can_call(self, line: str) -> None:
        """By one tap, without looking for it."""
        expect(self.page.locator(f"main a[href='tel:{line}']").first).to_be_in_viewport()

    def goes_on(self, to: str) -> None:
        go_on(self.page, to)

    def writes(self, **answers: str) -> None:
        """Fill fields by their ids, `hecho_relato` for `c-hecho-relato`."""
        for name, words in answers.items():
            self.page.locator(f"#c-{name.replace('__', '-')}").fill(words)

    def marks(self, *labels: str) -> None:
        for label in labels:
            self.page.get_by_label(label, exact=True).check()

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def writes_the_place(self, reference: str = "") -> None:
        self.page.get_by_label("Distrito", exact=True).select_option("Callao, Callao")
        self.page.get_by_label(re.compile("^Referencia")).fill(reference)

    def tells_who_denounces(self, relation: str = "A mí") -> None:
        self.marks(relation, "DNI")
        person = "denunciante__identidad__"
        self.writes(
            **{
                f"{person}numero_documento": "40000001",
                f"{person}nombres": "Persona",
                f"{person}apellido_paterno": "Inventada",
                f"{person}celular": "900000001",
                f"{person}domicilio": "Jirón Inventado 123, Callao",
            }
        )

    def adds_a_photo(self, picture: bytes) -> None:
        shown = self.page.locator(".fotos img:not(.foto img)")
        before = shown.count()
        take_photo(self.page, picture, "Elegir de mis fotos")
        expect(shown).to_have_count(before + 1)

    def sends(self) -> None:
        """From the review to the number; notes both keys down."""
        self.page.locator("button[type=submit]").click()
        expect(self.page.locator("#numero")).to_be_visible()
        self.numero = self.page.locator("#numero").inner_text()
        self.clave = self.page.locator("#clave").inner_text()

    def follows(self, other: "Author | None" = None) -> None:
        """Number and clave, typed; perhaps on another phone."""
        known = other or self
        look(self.page, known.numero, known.clave)
        expect(self.page.locator(".pasos")).to_be_visible()

    def looks_again(self) -> None:
        with self.page.expect_response("**/api/v1/caso"):
            self.page.get_by_role("button", name="Actualizar").click()

    def reads(self, *words: str) -> None:
        read(self.page, *words)

    def reads_the_steps(self, *words: str) -> None:
        """All that was done, in this order."""
        expect(self.page.locator(".pasos strong")).to_contain_text(list(words))

    def finds_nowhere(self, *words: str) -> None:
        shown = self.page.locator("main").inner_text()
        for one in words:
            assert one not in shown, one

    def adds_to_the_case(self, words: str, picture: bytes) -> None:
        self.page.get_by_label("Qué quieres agregar").fill(words)
        self.adds_a_photo(picture)
        self.presses("Agregar al caso")
        self.reads("Lo agregamos a tu caso.")

    def disagrees(self, why: str) -> None:
        self.presses("No estoy de acuerdo")
        self.page.get_by_label("¿Por qué no estás de acuerdo?").fill(why)
        self.presses("Abrir el caso otra vez")
        self.reads("Dijiste que no estás de acuerdo.")

    def keeps_nothing(self) -> None:
        """The phone remembers neither what was told nor that anything was."""
        assert self.page.evaluate(KEPT) == []
        assert self.page.context.cookies() == []


class Desk:
    """An officer's browser at the desk of a unit."""

    def __init__(self, page: Page, base_url: str, town: Town) -> None:
        self.page, self.base_url, self.town = page, base_url, town

    def changes_hands(self, officer: Officer) -> None:
        """Another officer signs in at the same browser."""
        cookies = cookies_for(self.town.app, officer.staff, self.base_url)
        self.page.context.add_cookies(cookies)

    def card(self, numero: str) -> Locator:
        return self.page.locator(".reporte", has_text=numero)

    def looks(self) -> None:
        self.page.goto("/panel/mesa")

    def opens(self, numero: str) -> None:
        self.looks()
        self.card(numero).locator(".reporte-enlace").click()
        expect(self.page.locator("#cabeza .numero")).to_have_text(numero)

    def sees_nothing_of(self, numero: str) -> None:
        """Neither on the desk, with all below it and all that is closed, nor by its number."""
        self.page.goto("/panel/mesa?unidad=todas&ver=todos", wait_until="domcontentloaded")
        expect(self.page.get_by_role("heading", name="Mesa")).to_be_visible()
        assert numero not in self.page.content()
        self.page.get_by_label("Buscar por número").fill(numero)
        self.page.get_by_role("button", name="Buscar").click()
        self.reads("No encontramos ese número entre los reportes de su unidad.")

    def finds_no_page_at(self, address: str) -> None:
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status == 404

    def receives(self) -> None:
        self.page.locator("#b-acknowledge").click()
        expect(self.page.locator("[data-focus]")).to_contain_text("Quedó recibido")

    def answers(self, words: str) -> None:
        self.page.locator("#answer-texto").fill(words)
        self.page.locator("#form-answer button[type=submit]").click()
        expect(self.page.locator("[data-focus]")).to_contain_text("respuesta fue enviada")

    def records(self, actuacion: str, **told: str) -> None:
        """One actuación, from the case's own list."""
        self.chooses(actuacion)
        for field, words in told.items():
            self.page.locator(f"#{field}").fill(words)
        self.registers()

    def chooses(self, actuacion: str) -> None:
        self.page.locator("#d-actuacion > summary").click()
        self.page.locator(".actuaciones a", has_text=re.compile(f"^{actuacion}$")).click()
        expect(self.page.get_by_role("heading", level=1, name=actuacion)).to_be_visible()

    def registers(self) -> None:
        self.page.locator("main form button[type=submit]").click()
        expect(self.page.locator("#gestion")).to_be_visible()

    def puts_in_charge(self, name: str) -> None:
        self.chooses("Asignada a un investigador")
        self.page.get_by_label("A cargo de").select_option(name)
        self.registers()

    def closes(self, outcome: str, words: str = "") -> None:
        self.page.locator("#d-close > summary").click()
        self.page.get_by_label(outcome).check()
        self.page.locator("#close-detalle").fill(words)
        self.page.locator("#form-close button[type=submit]").click()
        expect(self.page.locator("[data-focus]")).to_contain_text("quedó cerrado")

    def opens_the_identity(self, label: str, reason: str, why: str) -> None:
        person = self.page.locator(".persona", has_text=label).first
        person.locator("summary").click()
        person.get_by_label("Motivo").select_option(reason)
        person.get_by_label("Para qué la necesita").fill(why)
        person.get_by_role("button", name="Abrir esta vez").click()
        expect(self.page.get_by_role("heading", name="Identidad abierta")).to_be_visible()

    def closes_the_identity(self) -> None:
        self.page.get_by_role("link", name="Ya está: cerrar la identidad").click()
        expect(self.page.locator("#gestion")).to_be_visible()

    def reads(self, *words: str) -> None:
        read(self.page, *words)

    def finds_nowhere(self, *words: str) -> None:
        page = self.page.content()
        for one in words:
            assert one not in page, one

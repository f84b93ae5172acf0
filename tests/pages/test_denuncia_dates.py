"""The day of a past fact, as it is typed: asked again before anything is signed, and only then."""

from playwright.sync_api import Page, expect

from tests.pages.test_denuncia import (
    THEFT,
    account_of,
    choose,
    go_on,
    send,
    tell_a_theft,
    tell_what_happened,
    tell_which_phone,
    the_report,
)

NOT_YET = "Esa fecha todavía no llega. Revisa el día, el mes y el año."
TO_COME = "2099-01-01"


def day(page: Page):
    return page.get_by_label("Día", exact=True)


def test_a_day_that_has_not_come_is_asked_again_at_its_step(phone, town):
    choose(phone, THEFT)
    tell_which_phone(phone)
    day(phone).fill(TO_COME)
    phone.get_by_label("Hora", exact=True).fill("10:00")
    phone.get_by_role("button", name="Seguir").click()
    expect(phone.locator("#c-hecho-desde-error")).to_have_text(NOT_YET)
    expect(phone.locator("#c-hecho-desde-aviso")).to_be_empty()
    tell_what_happened(phone)


def test_where_the_phone_knows_no_better_the_server_says_so_at_its_step(phone, town):
    """The clock of this phone is years ahead, so that its page has nothing to say."""
    phone.clock.set_fixed_time("2099-06-01T10:00:00-05:00")
    tell_a_theft(phone)
    phone.get_by_role("button", name="Cambiar: Qué pasó").click()
    day(phone).fill(TO_COME)
    go_on(phone, "Revisa antes de enviar")
    phone.get_by_role("button", name="Enviar denuncia").click()
    expect(phone.get_by_role("heading", level=1, name="Qué pasó")).to_be_visible()
    expect(phone.locator("#c-hecho-desde-error")).to_have_text(NOT_YET)
    expect(account_of(phone)).to_have_value("Me lo arrancharon al salir del mercado")
    day(phone).fill("2025-11-11")
    phone.get_by_role("button", name="Listo, volver a revisar").click()
    send(phone)
    assert the_report().occurred_at.year == 2025


def test_a_phone_whose_clock_is_years_behind_denounces_all_the_same(phone, town):
    phone.clock.set_fixed_time("2001-01-01T10:00:00-05:00")
    choose(phone, THEFT)
    tell_which_phone(phone)
    day(phone).fill("2025-11-11")
    phone.get_by_label("Hora", exact=True).fill("10:00")
    expect(phone.locator("#c-hecho-desde-aviso")).to_be_empty()
    tell_what_happened(phone)

"""When an alert's fact happened, as its author says it."""

from playwright.sync_api import Page, expect

from tests.pages.test_alert import choose, number_shown, press_send, the_report


def tell_a_robbery(page: Page) -> None:
    choose(page, "robo")
    page.get_by_text("Seguir sin foto").click()
    expect(page.get_by_text("Tu ubicación:")).to_be_visible()
    expect(page.get_by_text("Comisaría WEST").first).to_be_visible()


def test_who_gives_no_moment_is_said_to_have_given_none(phone, callao):
    tell_a_robbery(phone)
    phone.get_by_label("Ya pasó").check()
    press_send(phone)
    number_shown(phone)
    assert (the_report().occurred_at, the_report().is_ongoing) == (None, False)

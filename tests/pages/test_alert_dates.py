"""When an alert's fact happened: what a person types is asked again, what a clock fills is not."""

from playwright.sync_api import Page, expect

from backend.moderation.services import Flag
from tests.pages.test_alert import choose, number_shown, press_send, the_report

NOT_YET = "Esa fecha todavía no llega. Revisa el día, el mes y el año."
TO_COME, PAST = "2099-05-01T10:00", "2025-11-11T21:15"
AHEAD, BEHIND = "2099-06-01T10:00:00-05:00", "2001-01-01T10:00:00-05:00"


def tell_a_robbery(page: Page) -> None:
    choose(page, "robo")
    page.get_by_text("Seguir sin foto").click()
    expect(page.get_by_text("Tu ubicación:")).to_be_visible()
    expect(page.get_by_text("Comisaría WEST").first).to_be_visible()


def test_a_typed_moment_that_has_not_come_is_asked_again_at_its_field(phone, callao):
    tell_a_robbery(phone)
    phone.get_by_label("Ya pasó").check()
    moment = phone.get_by_label("Día y hora aproximada")
    moment.fill(TO_COME)
    expect(phone.locator("#error-ocurrido")).to_have_text(NOT_YET)
    press_send(phone)
    expect(moment).to_be_focused()
    expect(moment).to_have_attribute("aria-invalid", "true")
    moment.fill(PAST)
    expect(phone.locator("#error-ocurrido")).to_have_count(0)
    press_send(phone)
    number_shown(phone)
    assert the_report().occurred_at.year == 2025


def test_what_a_clock_that_is_ahead_fills_in_is_taken_and_marked(phone, callao):
    phone.clock.set_fixed_time(AHEAD)
    tell_a_robbery(phone)
    press_send(phone)
    number_shown(phone)
    assert the_report().occurred_at.year == 2099
    assert Flag.CLOCK_AHEAD in the_report().flags


def test_a_clock_that_is_behind_keeps_nobody_from_telling_a_past_moment(phone, callao):
    phone.clock.set_fixed_time(BEHIND)
    tell_a_robbery(phone)
    phone.get_by_label("Ya pasó").check()
    phone.get_by_label("Día y hora aproximada").fill(PAST)
    expect(phone.locator("#error-ocurrido")).to_have_count(0)
    press_send(phone)
    number_shown(phone)
    assert the_report().occurred_at.year == 2025


def test_who_gives_no_moment_is_said_to_have_given_none(phone, callao):
    tell_a_robbery(phone)
    phone.get_by_label("Ya pasó").check()
    press_send(phone)
    number_shown(phone)
    assert (the_report().occurred_at, the_report().is_ongoing) == (None, False)

"""Somebody begins a denuncia and finds that it is a queja: the phone forgets what it kept."""

from playwright.sync_api import expect

from tests.pages.test_denuncia import THEFT, account_of, choose, tell_which_phone

KEPT = "JSON.stringify(localStorage) + JSON.stringify(sessionStorage)"
ACCOUNT = "El policía me quitó el celular"


def begin_a_theft(page) -> None:
    choose(page, THEFT)
    tell_which_phone(page)
    account_of(page).fill(ACCOUNT)
    assert ACCOUNT in page.evaluate(KEPT)


def test_what_turns_into_a_queja_is_told_once_and_no_longer_kept(phone, town):
    begin_a_theft(phone)
    phone.go_back()
    phone.get_by_role("button", name="Cambiar", exact=True).click()
    phone.locator("button[data-codigo=maltrato_policial]").click()
    phone.get_by_label("No sé cuál").check()
    assert ACCOUNT not in phone.evaluate(KEPT)
    phone.locator("button[type=submit]").click()
    expect(account_of(phone)).to_have_value(ACCOUNT)
    assert ACCOUNT not in phone.evaluate(KEPT)


def test_an_older_draft_is_neither_told_in_a_queja_nor_lost(phone, town):
    begin_a_theft(phone)
    later = phone.context.new_page()
    choose(later, "maltrato_policial")
    later.get_by_label("No sé cuál").check()
    later.locator("button[type=submit]").click()
    expect(account_of(later)).to_have_value("")
    assert ACCOUNT in later.evaluate(KEPT)

"""Where webhooks may go: the open internet, and nowhere that a name could trick us into."""

import ipaddress
from datetime import UTC, datetime

import pytest

from backend.forwarding.address_client import AddressRefused, check_url, is_public
from backend.forwarding.models import Outcome, SendResult
from backend.forwarding.webhook_client import new_secret, post
from tests.forwarding.receiver import NAME


def deliver(url: str, tls=None, **kwargs) -> SendResult:
    return post(url, [new_secret()], "envio", b"{}", datetime.now(UTC), tls=tls, **kwargs)


PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.5.5",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_inner_address_is_refused_however_it_is_written(names, address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    names.known["interno.example"] = [address]
    result = deliver("https://interno.example/")
    assert result.outcome is Outcome.REFUSED
    assert "red privada" in result.error


@pytest.mark.parametrize("address", ["200.48.225.130", "8.8.8.8", "2800:200::1"])
def test_an_open_address_is_fine(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "0"])
def test_this_machine_is_refused_by_any_of_its_names(receiver, host: str) -> None:
    result = deliver(f"https://{host}:{receiver.port}/")
    assert result.outcome is Outcome.REFUSED
    assert receiver.connections == 0


def test_one_inner_address_spoils_the_name(receiver, names) -> None:
    names.known[NAME] = ["8.8.8.8", "127.0.0.1"]
    assert deliver(receiver.url()).outcome is Outcome.REFUSED
    assert receiver.connections == 0


def test_a_name_is_asked_once_and_the_checked_address_is_used(receiver, names, tls) -> None:
    result = deliver(receiver.url(), tls, allow_private=True)
    assert result.outcome is Outcome.DELIVERED
    assert names.asked == [NAME]


def test_the_second_address_serves_when_the_first_is_closed(receiver, names, tls) -> None:
    names.known[NAME] = ["127.0.0.77", "127.0.0.1"]
    assert deliver(receiver.url(), tls, allow_private=True).outcome is Outcome.DELIVERED


@pytest.mark.parametrize(
    "url",
    [
        "http://receptor.example/",
        "ftp://receptor.example/",
        "https://",
        "https:///alertas",
        "https://usuario:clave@receptor.example/",
        "https://usuario@receptor.example/",
        "https://receptor.example/#parte",
        "https://receptor.example:99999/",
        "https://receptor.example:0/",
        "https://[::1/",
        "https://127.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://receptor.example/a b",
        "https://receptor.example/\r\nX: 1",
        "https://receptor.ejemplo-ñ.pe/",
        "https://receptor.example/" + "a" * 500,
        "receptor.example",
    ],
)
def test_addresses_that_a_channel_cannot_have(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, allow_private=False)
    assert deliver(url).outcome is Outcome.REFUSED


def test_a_demonstration_may_use_plain_http_on_its_own_machine() -> None:
    assert check_url("http://127.0.0.1:9000/x", allow_private=True).port == 9000
    assert check_url("https://receptor.example/x?y=1", allow_private=False).hostname == NAME

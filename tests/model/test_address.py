"""An address of a hub by its form: what a node's machine cannot ask is none."""

import pytest

from comity.model.address import is_address


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8000",
        "https://hub.example.org",
        "https://hub.example.org/",
        "http://[::1]:8000/assembly",
        "https://xn--bcher-kva.example/log/of-all",
        "http://" + "a" * 63 + ".example:65535",
    ],
)
def test_a_plain_address_is_one(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hub.example.org",
        "ftp://hub.example.org",
        "file:///etc/passwd",
        "http://",
        "http://.",
        "http://x..y",
        "http://x.",
        "http://-x.example",
        "http://" + "a" * 64 + ".example",
        "http://" + ".".join(["a" * 60] * 5),
        "http://x:0",
        "http://x:65536",
        "http://x:08",
        "http://user:word@x",
        "http://x/?query",
        "http://x/#part",
        "http://x/a b",
        "http://x\n",
        " http://x",
        "http://b\u00fccher.example",
        "http://x/" + "a" * 512,
    ],
)
def test_what_no_machine_asks_alike_is_none(text: str) -> None:
    assert not is_address(text)

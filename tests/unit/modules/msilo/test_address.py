"""Whose a message is (R2, R14, D10)."""

import pytest

from serpy.modules.msilo.address import aor_of, bare, complete, first_complete, owner_of_aor, owner_rule, same_address
from serpy.sip.uri import parse_uri


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        (b"sip:bob@example.com", b"sip:bob@example.com"),
        (b"sip:bob:secret@example.com:5070;transport=tcp?Subject=x", b"sip:bob@example.com:5070"),
        (b"sips:bob;x=1@[2001:db8::1]", b"sips:bob;x=1@[2001:db8::1]"),
        (b"sip:example.com", None),
        (b"tel:+4930", None),
        (b"mailto:bob@example.com", None),
        (b"bob", None),
    ],
)
def test_only_user_and_host_make_an_address(uri: bytes, address: bytes | None) -> None:
    found = complete(uri)
    assert (found and bare(found)) == address


def test_the_first_complete_address_counts() -> None:
    found = first_complete([b"sip:example.com", b"sip:bob@example.com", b"sip:eve@example.com"])
    assert found is not None
    assert found.user == b"bob"


@pytest.mark.parametrize("uri", [b"sip:bob@localhost", b"sip:BOB@127.0.0.1:5060;x=y", b"sip:%62ob@other.example"])
def test_without_a_registrar_the_user_part_alone_is_the_owner(uri: bytes) -> None:
    assert owner_rule(None)(parse_uri(uri)) == "bob"


def test_a_user_part_that_is_no_text_still_makes_a_key_that_fits_a_text_column() -> None:
    assert owner_rule(None)(parse_uri(b"sip:%ff@example.com")) == "\\udcff"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b"sip:r@example.com", b"sip:R@EXAMPLE.com:5060;x=1", True),
        (b"sip:r@example.com", b"sip:%72@example.com", True),
        (b"sip:r@example.com", b"sip:r@example.com:5070", False),
        (b"sip:r@example.com", b"sip:s@example.com", False),
        (b"sip:r@example.com", b"sips:r@example.com", False),
    ],
)
def test_addresses_are_compared_by_what_they_name(one: bytes, other: bytes, same: bool) -> None:
    assert same_address(parse_uri(one), parse_uri(other)) is same


def test_a_user_whose_name_spells_an_escape_does_not_get_the_messages_of_another() -> None:
    one, other = (owner_rule(None)(parse_uri(uri)) for uri in (b"sip:%ff@h", b"sip:%5cudcff@h"))
    assert one != other
    assert (aor_of(one), aor_of(other)) == ("\udcff", "\\udcff")


@pytest.mark.parametrize("aor", ["bob", "a\\b", "\\\\udcff", "\udcff\\\udc80", "\\u00ff", "b\u00f6b"])
def test_the_bindings_of_an_owner_are_found_again(aor: str) -> None:
    assert aor_of(owner_of_aor(aor)) == aor

"""The tables that msilo can use (D9)."""

import pytest

from serpy.modules.msilo.schema import CLAIM_COLUMNS, Columns, Layout, SchemaMismatch, side_table, silo_table

SER_0_8 = {"mid": None, "src_addr": 255, "dst_addr": 255, "r_uri": 255, "inc_time": None, "exp_time": None}
SER_0_8 |= {"ctype": 32, "body": 65535}
SER_0_9 = SER_0_8 | {"username": 64, "domain": 128}


def layout(sizes: dict[str, int | None], columns: Columns | None = None) -> Layout:
    return Layout("silo", columns or Columns(), sizes)


def test_our_table_has_the_columns_of_ser_and_those_of_the_claims() -> None:
    table = silo_table("silo", Columns())
    names = "mid src_addr dst_addr r_uri inc_time exp_time ctype body owner holder lease_until tries"
    assert [column.name for column in table.columns] == names.split()
    assert "owner" in [index.columns[0] for index in table.indexes]


def test_the_table_has_the_column_names_of_the_script() -> None:
    assert silo_table("silo", Columns(src="sender")).columns[1].name == "sender"


def test_the_side_table_bears_the_name_of_its_silo() -> None:
    assert side_table("silo").name == "serpy_silo"
    assert [column.name for column in side_table("silo").columns] == ["mid", *CLAIM_COLUMNS]


@pytest.mark.parametrize(("sizes", "address", "user"), [(SER_0_8, True, False), (SER_0_9, True, True)])
def test_the_tables_of_ser_are_used_with_a_side_table(sizes: dict[str, int | None], address: bool, user: bool) -> None:
    found = layout(sizes)
    found.check()
    assert (found.has_claims, found.has_address, found.has_user) == (False, address, user)


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"mid": None, "from_hdr": 255, "to_hdr": 255, "ruri": 255, "uid": 64, "body": None}, "SER 2.0"),
        ({name: size for name, size in SER_0_8.items() if name != "body"}, "lacks body"),
        ({name: size for name, size in SER_0_8.items() if name != "r_uri"}, "lacks r_uri"),
        ({}, "lacks mid"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_the_reason(sizes: dict[str, int | None], says: str) -> None:
    with pytest.raises(SchemaMismatch, match=says):
        layout(sizes).check()


def test_what_is_too_narrow_is_named_with_the_statement_that_widens_it() -> None:
    advice = layout(SER_0_9).advice()
    assert advice is not None
    assert "ctype (32), body (65535)" in advice
    assert "ALTER TABLE silo MODIFY ctype VARCHAR(255)" in advice
    assert "MODIFY body LONGBLOB NOT NULL;" in advice


def test_a_wide_table_needs_no_advice() -> None:
    assert layout(SER_0_8 | {"ctype": 255, "body": 2**32 - 1}).advice() is None

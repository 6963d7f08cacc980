"""The module mysql."""

from __future__ import annotations

from typing import Any

import pytest

from serpy.db.api import DatabaseError
from serpy.db.choose import driver_module_for
from serpy.db.url import parse_url
from serpy.modules.mysql import Mysql

NO_HOST: Any = None


@pytest.mark.parametrize("url", ["mysql://u:secret@h/db", "sql://u:secret@h/db"])
def test_it_is_the_driver_for_mysql_urls(url: str) -> None:
    module = Mysql(NO_HOST)
    assert driver_module_for(parse_url(url), {"mysql": module}) is module
    with pytest.raises(DatabaseError, match=r'loadmodule "mysql\.so"') as error:
        driver_module_for(parse_url(url), {})
    assert "secret" not in str(error.value)


def test_auto_reconnect_off_is_accepted_with_a_warning() -> None:
    module = Mysql(NO_HOST)
    module.prepare()
    assert module.warnings == []
    module.auto_reconnect = 0
    module.prepare()
    assert [warning.param for warning in module.warnings] == ["auto_reconnect"]

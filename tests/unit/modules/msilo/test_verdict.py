"""What answers mean (D4, D6-D8)."""

import pytest

from serpy.modules.msilo.verdict import Verdict, judge


@pytest.mark.parametrize(
    ("codes", "verdict"),
    [
        ((200, 202, 299), Verdict.DELIVERED),
        ((408, 477, 478, 480, 486, 487, 491, 500, 502, 503, 504), Verdict.UNREACHABLE),
        ((301, 302, 401, 407), Verdict.UNWILLING),
        ((400, 403, 404, 405, 413, 415, 488, 501, 505, 513, 600, 603, 606), Verdict.REFUSED),
    ],
)
def test_each_answer_has_its_meaning(codes: tuple[int, ...], verdict: Verdict) -> None:
    assert {code: judge(code) for code in codes} == dict.fromkeys(codes, verdict)

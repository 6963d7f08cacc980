"""Background tasks: kept, reported, cancelled."""

from __future__ import annotations

import asyncio

from serpy.host.background import Background


def test_an_exception_is_reported_with_the_task_s_name() -> None:
    failures: list[tuple[str, BaseException]] = []

    async def fail() -> None:
        raise ValueError("no")

    async def main() -> int:
        background = Background(lambda name, error: failures.append((name, error)))
        background.spawn(fail(), "sweep")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return len(background)

    assert asyncio.run(main()) == 0
    assert [(name, str(error)) for name, error in failures] == [("sweep", "no")]


def test_cancel_ends_also_what_is_started_meanwhile() -> None:
    ended: list[str] = []

    async def main() -> int:
        background = Background(lambda name, error: None)

        async def child() -> None:
            try:
                await asyncio.sleep(1000)
            finally:
                ended.append("child")

        async def parent() -> None:
            try:
                await asyncio.sleep(1000)
            finally:
                ended.append("parent")
                background.spawn(child(), "child")
                await asyncio.sleep(0)

        background.spawn(parent(), "parent")
        await asyncio.sleep(0)
        await background.cancel()
        return len(background)

    assert asyncio.run(main()) == 0
    assert ended == ["parent", "child"]

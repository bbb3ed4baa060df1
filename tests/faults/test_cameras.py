"""Cameras that go away: here those on the network; a USB camera needs a kernel of its own."""

from __future__ import annotations

import time
from typing import Any

import pytest

pytestmark = pytest.mark.slow

CAMERA = """
inputs: {{camera: {{source: "http://anna:secret@127.0.0.1:{port}/video", timeout: 1 s}}}}
outputs: {{lamp: {{use: led, pin: 1, driver: files}}, screen: {{from: camera}}}}
rules: [{{when: camera.width > 1, then: [lamp.on], else: [lamp.off]}}]
"""
AWAY = 3.0


def lost_and_found(child: Any, row: Any, go: Any, come_back: Any) -> None:
    """Have a camera go away and come back; check what is said, and what the lamp does meanwhile."""
    child.wait("lamp", "on")
    child.now()
    go()
    told = child.wait("error XM849: The camera http://127.0.0.1", "/video sends no pictures any more.")
    dark = child.wait("lamp", "off")
    time.sleep(AWAY - told)
    come_back()
    child.now()
    back = child.wait("camera is back.")
    child.wait("lamp", "on")
    row.recovers = f"yes; told after {told:.1f} s, back {back:.1f} s after its return"
    row.outputs = f"`else` puts the lamp out after {dark:.1f} s, `then` on again"
    child.end()
    assert child.is_safe()
    assert sum("error" in line for _, line in child.lines) == 1
    assert not any("secret" in line for _, line in child.lines)


def test_its_server_dies(run: Any, row: Any, broadcast: Any) -> None:
    """A network camera goes away for 3 s"""
    child = run(CAMERA.format(port=broadcast.port))
    lost_and_found(child, row, broadcast.stop, lambda: broadcast.start(broadcast.port))


def test_its_server_stalls(run: Any, row: Any, broadcast: Any) -> None:
    """A network camera stalls for 3 s (`timeout: 1 s`)"""
    child = run(CAMERA.format(port=broadcast.port))
    lost_and_found(child, row, broadcast.silent.set, broadcast.silent.clear)


def test_the_run_is_stopped_while_a_camera_stalls(run: Any, broadcast: Any) -> None:
    """A network camera stalls, and the run is stopped meanwhile"""
    child = run(CAMERA.format(port=broadcast.port).replace("1 s", "5 s"))
    child.wait("lamp", "on")
    broadcast.silent.set()
    child.now()
    child.wait("lamp", "off")
    child.end()
    assert child.is_safe()

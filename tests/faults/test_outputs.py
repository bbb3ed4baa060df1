"""Outputs that hang, disks that are full, and displays that are not there."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

MEDIA = Path(__file__).resolve().parents[2] / "projects" / "cat_dog" / "media"
CAMERA = f"camera: {{source: {MEDIA / 'rocket.jpg'}, fps: 5, loop: true}}"
HELLO = """, 'screen.write("hello")'"""


def project(output: str, step: str = "", rule: str = "") -> str:
    """Return a project with a lamp and another output."""
    return f"""
inputs: {{room: {{use: analog}}, {CAMERA}}}
outputs: {{lamp: {{use: led, pin: 1, driver: files}}, {output}}}
rules: [{{when: room >= 0, then: [lamp.on{step}], else: [lamp.off]}}{rule}]
"""


@pytest.mark.parametrize("method", ["close", "safe", "act"])
def test_an_output_hangs(run: Any, row: Any, method: str) -> None:
    """An output hangs"""
    row.fault += f" in its {'action' if method == 'act' else f'`{method}`'}"
    child = run(project(f"odd: hanging_{method}", ", odd.go"))
    child.wait("lamp", "on")
    time.sleep(0.3)
    child.now()
    child.end()
    row.recovers = "the other nodes go on; told at the end"
    assert child.is_safe()
    assert row.sees == [
        "error XM756: odd could not be stopped in time.",
        "  → Look whether what it moves or lights is still on, and switch it off by hand.",
        "Stopped.",
    ]


# Disks


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A disk of 256 kB, in the first project's folder."""
    folder = tmp_path / "1" / "disk"
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs root, for a disk of its own")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> None:
    with (disk / "big").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError:
            return


LOG = "log: {from: room, file: disk/room.jsonl}"
PHOTO = "photo: {use: snapshot, from: camera, folder: disk/photos, keep: 2}"


@pytest.mark.slow
@pytest.mark.parametrize(("output", "file"), [(LOG, "disk/room.jsonl"), (PHOTO, "disk/photos")], ids=["log", "snapshot"])
def test_the_disk_is_full(run: Any, row: Any, small_disk: Path, output: str, file: str, request: Any) -> None:
    """The disk is full"""
    row.fault = f"The disk is full for a while ({request.node.callspec.id})"
    save = ", {each: room, cooldown: 0.4 s, then: [photo.save]}" if output == PHOTO else ""
    child = run(project(output, rule=save))
    child.wait("lamp", "on")
    time.sleep(1.0)
    child.now()
    fill(small_disk)
    told = child.wait(f"error XM858: {file} cannot be written: No space left on device")
    time.sleep(1.0)
    (small_disk / "big").unlink()
    before = state(small_disk)
    time.sleep(1.5)
    assert state(small_disk) > before
    row.recovers = f"yes, as soon as there is room; told once, after {told:.1f} s"
    child.end()
    assert child.is_safe()
    assert len(child.said("XM858")) == 1
    assert not list(small_disk.rglob("*.part"))


def state(disk: Path) -> tuple[str, int]:
    """Return something that grows with every line and every picture."""
    pictures = sorted(file.name for file in disk.glob("photos/*.jpg"))
    return pictures[-1] if pictures else "", sum(file.stat().st_size for file in disk.glob("room.jsonl"))


# Displays


@pytest.mark.parametrize(
    ("display_name", "words"),
    [("", "no display that can have a window was found"), (":4242", "the display :4242 does not answer")],
    ids=["no display", "no such display"],
)
def test_a_window_without_a_display(run: Any, row: Any, display_name: str, words: str, request: Any) -> None:
    """A screen with `window: true`"""
    row.fault += f", {request.node.callspec.id}"
    child = run(project("screen: {window: true}", HELLO), DISPLAY=display_name)
    child.now()
    told = child.wait(f"There is no window: {words}. The terminal takes its place.")
    child.wait("screen: hello")
    row.recovers = f"the terminal takes its place, after {told:.1f} s"
    child.end()
    assert child.is_safe()


@pytest.mark.slow
def test_the_display_goes(run: Any, row: Any, display: Any) -> None:
    """The display of a screen's window goes"""
    child = run(project("screen: {window: true}", HELLO), DISPLAY=display.name)
    child.wait("lamp", "on")
    time.sleep(1.0)
    child.now()
    display.server.kill()
    told = child.wait("The display has gone, and the window with it. The project goes on in the terminal.")
    row.recovers = f"the terminal takes its place, after {told:.1f} s"
    child.end()
    assert child.is_safe()

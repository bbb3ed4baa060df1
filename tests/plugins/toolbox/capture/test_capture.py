"""`xmaker capture`: examples under their labels, none ever lost."""

from __future__ import annotations

import os
import pty
import resource
import select
import shutil
import subprocess
import sys
import time
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest
from xmaker_keywords.takes import read_takes
from xmaker_toolbox.pictures import read_pictures

from tests.conftest import Run as Xmaker

SPOKEN = Path(__file__).parents[4] / "projects/voice_lamp/media/commands.wav"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A folder that stands in for a camera."""
    (tmp_path / "film").mkdir()
    for number in range(5):
        cv2.imwrite(str(tmp_path / "film" / f"{number}.png"), np.full((24, 32, 3), 40 * number, np.uint8))
    return tmp_path / "film"


def test_pictures_are_taken_by_themselves_until_there_are_enough(xmaker: Xmaker, film: Path) -> None:
    ran = xmaker("capture", "--label", "cat", "--label", "dog", "--source", film, "--auto", "--every", "0.05 s", "--count", "3")
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "pictures: cat 3, dog 3. Learn from them: xmaker model teach pictures"
    names = [(picture.path.name, picture.label) for picture in read_pictures(Path("pictures"))]
    assert names == [(f"000{number}.jpg", label) for label in ("cat", "dog") for number in (1, 2, 3)]


def test_numbers_go_on_and_nothing_is_overwritten(xmaker: Xmaker, film: Path) -> None:
    old = Path("pictures/cat/0007.jpg")
    old.parent.mkdir(parents=True)
    old.write_bytes(b"mine")
    assert xmaker("capture", "--label", "cat", "--source", film, "--auto", "--every", "0.05 s", "--count", "3").code == 0
    assert old.read_bytes() == b"mine"
    assert sorted(os.listdir("pictures/cat")) == ["0007.jpg", "0008.jpg", "0009.jpg"]


def test_each_word_that_is_said_becomes_a_take(xmaker: Xmaker) -> None:
    ran = xmaker("capture", "--sound", "--label", "on", "--source", SPOKEN)
    assert ran.code == 0
    takes = sorted(Path("takes/on").iterdir())
    assert len(takes) == 5
    with wave.open(str(takes[0])) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
    (Path("takes") / "off").symlink_to(Path("takes/on").resolve())
    assert [len(one.sounds) for one in read_takes(Path("takes"))] == [5, 5]  # `teach` understands them


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--label", "cat/dog", "--auto"), "XM475"),
        (("--label", " ", "--auto"), "XM475"),
        (("--label", "con", "--auto"), "XM475"),
        (("--label", "cat"), "XM481"),
        (("--label", "cat", "--auto", "--every", "soon"), "--every: soon"),
        (("--auto",), "--label"),
        (("--label", "cat", "--auto", "--source", "97"), "XM483"),
        (("--label", "cat", "--auto", "--source", "nothing.mp4"), "XM8"),
    ],
)
def test_what_cannot_be_done_is_said(xmaker: Xmaker, typed: tuple[str, ...], said: str) -> None:
    ran = xmaker("capture", *typed)
    assert ran.code in (1, 2)
    assert said in ran.err
    assert not Path("pictures").exists()


def test_a_place_that_cannot_be_written_is_told_of_once_and_ends_the_run(xmaker: Xmaker, film: Path) -> None:
    Path("pictures").write_text("a file is in the way")
    ran = xmaker("capture", "--label", "cat", "--source", film, "--auto", "--every", "0.05 s", "--count", "3")
    assert ran.code == 1 and ran.err.count("XM490") == 1
    assert "Traceback" not in ran.err and "XM480" not in ran.out and "teach" not in ran.out


def test_where_no_more_room_is_left_the_run_ends_and_what_was_taken_stays(film: Path) -> None:
    """The second picture is larger than any file may be here."""
    for number in range(1, 5):
        cv2.imwrite(str(film / f"{number}.png"), np.random.default_rng(number).integers(0, 255, (200, 200, 3), np.uint8))
    command = [sys.executable, "-m", "xmaker", "capture", "--label", "cat", "--source", str(film), "--auto", "--count", "60"]
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))  # noqa: E731
    ran = subprocess.run([*command, "--every", "0.01 s"], capture_output=True, text=True, timeout=60, preexec_fn=limit)
    assert ran.returncode == 1 and ran.stderr.count("XM490") == 1
    taken = os.listdir("pictures/cat")
    assert "0001.jpg" in taken and all(cv2.imread(f"pictures/cat/{name}") is not None for name in taken)
    assert f"pictures: cat {len(taken)}" in ran.stdout


@pytest.mark.skipif(shutil.which("setsid") is None, reason="setsid gives a program a terminal of its own")
def test_holding_the_space_bar_takes_pictures_and_keys_choose_the_label(film: Path) -> None:
    """In a real terminal; a key that is held comes again and again."""
    words = ["capture", "--label", "cat", "--label", "dog", "--source", str(film)]
    ours, theirs = pty.openpty()
    command = ["setsid", "--ctty", sys.executable, "-m", "xmaker", *words]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)

    def press(key: bytes, until: str) -> None:
        end, seen = time.monotonic() + 20, ""
        while until not in seen and time.monotonic() < end:
            os.write(ours, key)
            if select.select([ours], [], [], 0.05)[0]:
                seen += os.read(ours, 4096).decode()
        assert until in seen

    try:
        press(b" ", "cat 2  ")
        press(b"2", "now: dog")
        press(b" ", "dog 1  ")
        os.write(ours, b"q")
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert {picture.label for picture in read_pictures(Path("pictures"))} == {"cat", "dog"}

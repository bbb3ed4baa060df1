"""`xmaker model teach`: learns from a folder of takes, says how well, and has a clear word for folders it cannot learn from."""

from __future__ import annotations

import json
import shutil
import struct
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_keywords.teaching import windows_for

from tests.conftest import Run as Xmaker
from xmaker import card_beside

from .conftest import RATE, noise, word


def write(path: Path, samples: Any, rate: int = RATE, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").repeat(channels).tobytes())
    return path


@pytest.fixture
def takes(dialect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with three takes of two words; the current folder is the one it lies in."""
    monkeypatch.chdir(tmp_path)
    for name in ("你好", "再见"):
        for number in (1, 2, 3):
            source = dialect / f"media/takes/{name}/{number}.wav"
            (tmp_path / f"takes/{name}").mkdir(parents=True, exist_ok=True)
            shutil.copy(source, tmp_path / f"takes/{name}/{number}.wav")
    return tmp_path / "takes"


def test_words_are_learnt_and_what_was_learnt_is_said(xmaker: Xmaker, takes: Path) -> None:
    ran = xmaker("model", "teach", takes)
    assert (ran.code, ran.err) == (0, "")
    rows = [line.split() for line in ran.out.splitlines()]
    assert rows[0][-1] == "100%" and ["你好", "3", "3", "·", "·"] in rows and ["再见", "3", "·", "3", "·"] in rows
    assert "5 takes of each are better" in ran.out and "use: keywords, model: words.json" in ran.out
    card = json.loads((takes.parent / "words.json").read_text(encoding="utf-8"))
    assert card["task"] == "keywords" and card["labels"]["zh"] == ["你好", "再见", "其他"]
    assert card["accuracy"][0]["takes"] == 6
    assert "你好" in xmaker("model", "info", "words.json").out


def test_takes_of_every_kind_will_do_and_may_be_taught_again(xmaker: Xmaker, takes: Path) -> None:
    hello, bye = (word(0.5) * np.linspace(1, edge, 8000) for edge in (0.2, 3.0))
    write(takes / "你好" / "WIDE.WAV", np.interp(np.arange(22050) / 2.75625, np.arange(8000), hello), 44100, 2)
    write(takes / "再见" / "narrow.wav", bye[::2], 8000)
    samples = struct.pack("<4f", 0.0, float("nan"), float("inf"), 0.0) + hello.astype("<f4").tobytes()
    header = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 3, 1, RATE, 4 * RATE, 4, 32)
    (takes / "你好" / "float.wav").write_bytes(header + struct.pack("<4sI", b"data", len(samples)) + samples)
    first = xmaker("model", "teach", takes, "--to", "again.json")
    once = (takes.parent / "again.json").read_bytes()
    assert first.code == xmaker("model", "teach", takes, "--to", "again.json").code == 0
    assert (takes.parent / "again.json").read_bytes() == once


def test_what_is_other_may_be_shown_and_is_no_word(xmaker: Xmaker, takes: Path) -> None:
    for number in range(3):
        write(takes / "other" / f"{number}.wav", np.pad(noise(0.3, 0.2, number), 4000))
    assert xmaker("model", "teach", takes).code == 0
    card = json.loads((takes.parent / "words.json").read_text(encoding="utf-8"))
    assert card["labels"]["en"] == ["你好", "再见", "other"]


def test_a_silent_take_is_named_and_left_out(xmaker: Xmaker, takes: Path) -> None:
    write(takes / "你好" / "silent.wav", noise(1.0, 0.0002))
    ran = xmaker("model", "teach", takes)
    assert ran.code == 0
    assert "nobody speaks in: " in ran.out and "silent.wav" in ran.out


def no_folder(takes: Path) -> None:
    shutil.rmtree(takes)


def no_words(takes: Path) -> None:
    for name in ("你好", "再见"):
        shutil.rmtree(takes / name)


def one_word(takes: Path) -> None:
    shutil.rmtree(takes / "再见")


def one_word_and_other(takes: Path) -> None:
    (takes / "再见").rename(takes / "other")


def an_empty_folder(takes: Path) -> None:
    (takes / "早晨").mkdir()


def no_wavs(takes: Path) -> None:
    (takes / "早晨").mkdir()
    (takes / "早晨" / "1.m4a").write_bytes(b"?")


def silence(takes: Path) -> None:
    write(takes / "早晨" / "1.wav", np.zeros(RATE))
    write(takes / "早晨" / "2.wav", noise(1.0, 0.01))


def one_take(takes: Path) -> None:
    for number in (2, 3):
        (takes / "你好" / f"{number}.wav").unlink()


def an_mp3_by_name(takes: Path) -> None:
    (takes / "你好" / "song.wav").write_bytes(b"ID3\x03" + bytes(500))


def an_empty_file(takes: Path) -> None:
    (takes / "你好" / "empty.wav").write_bytes(b"")


def other_json(takes: Path) -> None:
    (takes.parent / "words.json").write_text('{"mine": 1}', encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (no_folder, "XM923", "no folder"),
        (no_words, "XM488", "neither"),
        (one_word, "XM925", "你好"),
        (one_word_and_other, "XM925", "one word only"),
        (an_empty_folder, "XM926", "早晨"),
        (no_wavs, "XM926", "1.m4a"),
        (silence, "XM927", "早晨"),
        (one_take, "XM928", "你好"),
        (an_mp3_by_name, "XM835", "song.wav"),
        (an_empty_file, "XM835", "empty.wav"),
        (other_json, "XM929", "words.json"),
    ],
)
def test_what_cannot_be_learnt_from_is_said_in_one_message(
    xmaker: Xmaker, takes: Path, spoil: Callable[[Path], None], code: str, words: str
) -> None:
    spoil(takes)
    before = {path: path.read_bytes() for path in takes.parent.glob("*.json")}
    ran = xmaker("model", "teach", takes)
    assert ran.code == 1
    assert code in ran.err and words in ran.err and "→" in ran.err
    assert "Traceback" not in ran.err
    assert {path: path.read_bytes() for path in takes.parent.glob("*.json")} == before


def test_it_writes_json_only_and_where_it_may(xmaker: Xmaker, takes: Path) -> None:
    assert "XM929" in xmaker("model", "teach", takes, "--to", "words.yaml").err
    assert "will be made" in xmaker("model", "teach", takes, "--to", "no/such/folder/words.json").err
    assert Path("no/such/folder/words.json").is_file()
    Path("file").touch()
    refused = xmaker("model", "teach", takes, "--to", "file/words.json")
    assert refused.code == 1 and "Traceback" not in refused.err


def test_long_words_get_a_longer_window() -> None:
    assert windows_for([np.zeros(int(seconds * RATE)) for seconds in (0.9, 1.0, 1.1)]) == 7
    assert windows_for([np.zeros(int(seconds * RATE)) for seconds in (1.8, 1.9, 2.0)]) == 13
    assert windows_for([np.zeros(4 * RATE)]) == 15


def test_the_project_comes_with_what_its_takes_teach(xmaker: Xmaker, dialect: Path, tmp_path: Path) -> None:
    """But for the last bits, which may differ from processor to processor."""
    target = tmp_path / "words.json"
    assert xmaker("model", "teach", dialect / "media/takes", "--to", target).code == 0
    old, new = card_beside(dialect / "words.json"), card_beside(target)
    assert (old.labels, old.input) == (new.labels, new.input)
    assert np.allclose(*(unpacked(card.decode["weights"]) for card in (old, new)), atol=0.01)


def unpacked(text: str) -> Any:
    import base64

    return np.frombuffer(base64.b64decode(text), "<f2").astype(float)


def sound(kind: str, number: int) -> Any:
    """Return a clap, a whistle or a knock of a drum, a little different each time."""
    time, chance = np.arange(8000) / RATE, np.random.default_rng(number)
    pitch = chance.uniform(0.9, 1.1)
    made = {
        "clap": chance.normal(0, 0.3, 8000) * np.exp(-time / 0.05),
        "whistle": 0.3 * np.sin(2 * np.pi * 1500 * pitch * (1 + time) * time) * np.sin(np.pi * time / 0.5),
        "drum": 0.6 * np.sin(2 * np.pi * 110 * pitch * time) * np.exp(-time / 0.1),
    }
    return np.pad(made[kind], 6000) + chance.normal(0, 0.0005, 20000)


def test_sounds_that_are_no_words_can_be_taught_too(xmaker: Xmaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for kind in ("clap", "whistle", "drum"):
        for number in range(5):
            write(tmp_path / "sounds" / kind / f"{number}.wav", sound(kind, number))
    ran = xmaker("model", "teach", "sounds")
    assert ran.code == 0
    assert int(ran.out.split("%")[0].split()[-1]) >= 90, ran.out

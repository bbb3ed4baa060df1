"""A speaker: says texts, plays sound files."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import msgspec
from xmaker_audio.waves import NoWav, Wav

from xmaker import Output, action, hookimpl
from xmaker_speaker.players import NoSpeakerError, Turn
from xmaker_speaker.speech import Speech

MOST_WAITING = 32
"""Sounds that may wait for the one that is heard; who has more must wait, too."""
END_SECONDS = 0.5
LATE_SECONDS = 5.0
"""A sound that ends so much later than it should is told of: the sound system hangs."""


@dataclass
class Line:
    """Sounds one after the other, on a thread of their own: so `stop` comes through while one is heard."""

    play: Callable[[Turn, Wav, str], None]
    waiting: deque[tuple[Wav, str]] = field(default_factory=deque)
    turn: Turn | None = None
    over: bool = False

    def __post_init__(self) -> None:
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._live, name="xmaker-speaker", daemon=True)
        self.thread.start()

    def add(self, wav: Wav, words: str) -> None:
        """Play it when its turn comes; `words` are shown where nothing can be heard."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.waiting) < MOST_WAITING or self.over)
            self.waiting.append((wav, words))
            self.changed.notify_all()

    def _live(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.waiting or self.over)
                if self.over:
                    return
                wav, words = self.waiting.popleft()
                turn = self.turn = Turn()
                self.changed.notify_all()
            try:
                self.play(turn, wav, words)
            finally:
                wav.close()
            self.turn = None

    def stop(self) -> None:
        """End what is heard, and forget what waits."""
        with self.changed:
            while self.waiting:
                self.waiting.popleft()[0].close()
            self.changed.notify_all()
            turn = self.turn
        if turn is not None:
            turn.stop()

    def close(self) -> None:
        with self.changed:
            self.over = True
        self.stop()
        self.thread.join(END_SECONDS)


@dataclass
class Speaker(Output):
    """Says texts and plays WAV files, one after the other, on the computer's own speaker, a USB or a Bluetooth one.
    说出文字、播放 WAV 文件，一个接一个；用电脑自带的、USB 的或蓝牙的扬声器。

    Speech needs the program espeak-ng: `sudo apt install espeak-ng`. Where nothing can be heard, texts are shown instead.
    """

    use: ClassVar[str] = "speaker"
    blocking: ClassVar[bool] = True
    language: str = ""
    """The language of the texts: en, zh, de, …; nothing goes by the text, Chinese characters are Chinese.
    文字的语言：en、zh、de……；不写就看文字，有汉字的算中文。"""
    volume: Annotated[float, msgspec.Meta(ge=0, le=100)] = 100.0
    """How loud, from 0 to 100 per cent.
    音量，0 到 100。"""
    _line: Line = field(init=False, repr=False)
    _speech: Speech = field(init=False, default_factory=Speech, repr=False)
    _told: set[str] = field(init=False, default_factory=set, repr=False)
    """Notices that have been given: each comes once."""

    def open(self) -> None:
        self._line = Line(self._play)

    @action
    def say(self, text: str) -> None:
        """Say a text, after what is being said.
        说一段话，排在正在说的后面。"""
        if not text.strip():
            return
        if not self._speech.is_there():
            self._show("XM840", text)
            return
        sounds = self._speech.say(text, self.language)
        if self._speech.reads_badly:
            self._tell("XM843")
        for number, sound in enumerate(sounds):
            self._line.add(Wav(sound), "" if number else text)

    @action
    def play(self, file: str) -> None:
        """Play a WAV file of the project's folder, after what is being played.
        播放项目文件夹里的 WAV 文件，排在正在播放的后面。"""
        path = self.host.folder / file
        if not path.resolve().is_relative_to(self.host.folder.resolve()):  # also asked by browsers on other computers
            self._tell("XM997", path=file)
            return
        if not path.is_file():
            self._tell("XM836", file=file)
            return
        try:
            wav = Wav(path)
        except (NoWav, OSError) as error:
            self._tell("XM835", file=file, reason=error)
            return
        self._line.add(wav, file)

    @action
    def stop(self) -> None:
        """Be silent at once, and forget what was still to be said.
        马上安静，还没说的也不说了。"""
        self._speech.stop()
        self._line.stop()

    def _play(self, turn: Turn, wav: Wav, words: str) -> None:
        late = threading.Timer(wav.seconds + LATE_SECONDS, self._tell, ("XM845",), {"node": self.host.name})
        late.daemon = True
        late.start()
        try:
            turn.play(wav, self.volume / 100.0)
        except NoSpeakerError:
            self._show("XM841", words)
        finally:
            late.cancel()

    def _show(self, code: str, words: str) -> None:
        """Show what cannot be heard; why, is said once."""
        self._tell(code)
        if words:
            self.host.terminal.write(f"{self.host.name}: {words}", self.host.name)

    def _tell(self, code: str, **details: object) -> None:
        notice = f"{code} {details}"
        if notice not in self._told:
            self._told.add(notice)
            self.host.notice(code, **details)

    def safe(self) -> None:
        self.stop()

    def close(self) -> None:
        self._speech.stop()
        self._line.close()


@hookimpl
def xmaker_nodes() -> list[type[Output]]:
    return [Speaker]

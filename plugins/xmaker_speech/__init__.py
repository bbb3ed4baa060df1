"""Writes down what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from xmaker import Model, NodeError, ProjectError, Sound, Text, hookimpl
from xmaker_speech import models
from xmaker_speech.phrases import language_of, plain

RATE = 16000
SPHINX = "pocketsphinx"
GAP = 1.0
"""Seconds without sound (paused, a microphone that was pulled out) after which half a sentence is forgotten."""
LATE, LATE_FOR = 1.0, 5.0
"""Sound that comes so many seconds late for so many seconds: this computer cannot keep up."""


class Recogniser(Protocol):
    """What turns a stream of (n,) int16 samples at 16 kHz into texts."""

    def hear(self, samples: Any) -> Iterator[Text]: ...
    def finish(self) -> Iterator[Text]:
        """Yield what was being said when the sound ended."""

    def forget(self) -> None:
        """Forget what was being said."""


@dataclass
class Speech(Model):
    """Words that are heard, as text, each time somebody pauses: `when: speech == "turn on the light"`.
    听到的话，每当说话停顿时变成文字：`when: speech == "打开灯"`。

    With `phrases` it listens for these alone. In English and Chinese that needs no download, for PocketSphinx brings what it
    takes. Any words at all, and other languages, need a Vosk model of 40 MB and more: `xmaker model get`. Both need
    `pip install "xmaker[speech]"`. A Raspberry Pi Zero 2 W and a UNIHIKER M10 are too slow for Vosk: use keywords there.
    """

    use: ClassVar[str] = "speech"
    takes: ClassVar = (Sound,)
    gives: ClassVar = Text
    phrases: tuple[str, ...] = ()
    """All that it listens for: [turn on the light, turn off the light]. Without them it writes down whatever is said.
    要听的全部短语：[开灯, 关灯]。不写就把听到的话都写下来。"""
    language: str = ""
    """The language: en, zh, ja, …; nothing is that of the phrases (English or Chinese), and English without any.
    语言：en、zh、ja……；不写就看短语（英文或中文），没有短语时是英文。"""
    model: str = ""
    """A Vosk model: a name that `xmaker model get` lists, or a folder; or pocketsphinx. Nothing is the best that is there.
    Vosk 模型：`xmaker model get` 列出的名字，或文件夹；或 pocketsphinx。不写就用已有的最好的。"""
    strict: bool = True
    """Whether PocketSphinx leaves alone what is none of the phrases; false misses fewer, but hears them in other words, too.
    PocketSphinx 是否不理会短语以外的话；false 漏听更少，但会把别的话也听成短语。"""
    partial: bool = False
    """Whether Vosk gives words while they are being said, too; rules then ask for `speech.final`, or they fire twice.
    Vosk 是否边说边给出文字；这时规则要加上 `speech.final`，否则会触发两次。"""
    _recogniser: Recogniser | None = field(init=False, default=None, repr=False)
    _at_one_rate: Any = field(init=False, repr=False)
    _heard_until: float = field(init=False, default=0.0, repr=False)
    _late: float = field(init=False, default=0.0, repr=False)

    def check(self) -> None:
        for phrase in self.phrases:
            if not plain(phrase):
                raise ProjectError.of("XM817", phrase=phrase)
        if self._folder() is None:
            from xmaker_speech.sphinx_engine import unknown_words

            if strange := unknown_words(self.phrases):
                raise ProjectError.of("XM815", engine="PocketSphinx", words=", ".join(strange))

    def known_labels(self) -> tuple[str, ...]:
        return () if self.partial else self.phrases

    def _folder(self) -> Path | None:
        """Return the folder of the Vosk model, or None for PocketSphinx. Raises ProjectError when there is neither."""
        language = self.language or language_of(self.phrases)
        fits = bool(self.phrases) and language in ("en", "zh")
        if self.model == SPHINX:
            if not fits:
                raise ProjectError.of("XM818" if self.phrases else "XM816", language=language)
            return None
        if self.model:
            return self._named_folder()
        found = models.find_for(language)
        if found is None and not fits:
            known = models.known_for(language)
            code = "XM810" if known else "XM811"
            raise ProjectError.of(code, language=language, known=", ".join(models.languages()), model=known and known.name)
        return found

    def _named_folder(self) -> Path:
        path = self.host.folder / Path(self.model).expanduser()
        if path.is_dir():
            if lacks := models.missing_part(path):
                raise ProjectError.of("XM813", folder=self.model, lacks=lacks)
            return path
        if (found := models.find(self.model)) is None:
            raise models.absent(self.model)
        return found

    def open(self) -> None:
        from xmaker_audio.resample import AnyRate

        folder = self._folder()
        if folder is None:
            from xmaker_speech.sphinx_engine import SphinxRecogniser

            self._recogniser = SphinxRecogniser(RATE, self.phrases, self.strict)
        else:
            from xmaker_speech.vosk_engine import VoskRecogniser

            self._recogniser = VoskRecogniser(folder, RATE, self.phrases, self.partial)
        self._at_one_rate, self._late = AnyRate(RATE), 0.0
        self.host.notice("XM822", engine="Vosk" if folder else "PocketSphinx", model=folder or "en-us")

    def run(self, value: Sound) -> Text | None:
        assert self._recogniser is not None  # run follows open
        *earlier, last = [None, *self._listen(self._recogniser, value)]
        for text in earlier:
            if text is not None:
                self.host.emit(text, self.host.moment)
        return last

    def _listen(self, recogniser: Recogniser, sound: Sound) -> Iterator[Text]:
        moment = self.host.moment
        if moment - sound.seconds > self._heard_until + GAP:
            recogniser.forget()
        self._heard_until = moment
        self._tell_when_late(sound)
        if len(sound.samples):
            yield from recogniser.hear(self._at_16_khz(sound))
        else:  # the end of a file
            yield from recogniser.finish()

    def _at_16_khz(self, sound: Sound) -> Any:
        samples = sound.samples
        if samples.ndim != 1 or samples.dtype != "int16":
            raise NodeError.of("XM821", got=f"{samples.shape} {samples.dtype}")
        if sound.rate == RATE:
            return samples
        from xmaker_audio.resample import to_int16

        return to_int16(self._at_one_rate.run(samples / 32768.0, sound.rate))

    def _tell_when_late(self, sound: Sound) -> None:
        """Say so, once, when sound comes faster than it is understood: then parts of it are lost on the way."""
        if self._late < LATE_FOR:
            late = self.host.now() - self.host.moment > LATE
            self._late = self._late + sound.seconds if late else 0.0
            if self._late >= LATE_FOR:
                self.host.notice("XM820", node=self.host.name)

    def close(self) -> None:
        self._recogniser = None


@hookimpl
def xmaker_nodes() -> list[type[Model]]:
    return [Speech]

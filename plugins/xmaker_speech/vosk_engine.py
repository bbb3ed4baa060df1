"""Vosk: a stream of sound becomes text, sentence by sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from xmaker_audio.quiet import hush

from xmaker import MissingDependency, ProjectError, Text
from xmaker_speech.models import COMMAND
from xmaker_speech.phrases import HAS_HANZI, parts, together

OTHER = "[unk]"
"""Vosk's word for every word that is not in a closed list."""


class VoskRecogniser:
    """Takes sound at 16 kHz, and gives what it hears; with phrases, nothing but these."""

    def __init__(self, folder: Path, rate: int, phrases: Sequence[str], partial: bool) -> None:
        """Raises ProjectError when the folder holds no usable model, or the model does not know a word."""
        hush()  # before Vosk takes hold of what it prints to
        try:
            import vosk
        except ImportError:
            raise MissingDependency.of("XM601", library="vosk", command=COMMAND) from None
        except OSError:  # its C library needs another one
            raise MissingDependency.of("XM601", library="libatomic", command="sudo apt install libatomic1") from None
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(folder))
        except Exception:  # noqa: BLE001  # all that Vosk says of a damaged model
            raise ProjectError.of("XM814", folder=folder) from None
        self._phrases, self._partial, self._said = {}, partial, ""
        if phrases:
            self._phrases = {" ".join(self._words(phrase)): phrase for phrase in phrases}
            self._check(phrases)
        self._recogniser = vosk.KaldiRecognizer(self._model, rate, *self._grammar())

    def _knows(self, word: str) -> bool:
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def _words(self, phrase: str) -> Iterator[str]:
        """Yield a phrase's words as the model knows them: Chinese is cut into the longest ones."""
        for part in parts(phrase):
            while re.match(HAS_HANZI, part):
                length = next((end for end in range(len(part), 1, -1) if self._knows(part[:end])), 1)
                yield part[:length]
                part = part[length:]
            if part:
                yield part

    def _check(self, phrases: Sequence[str]) -> None:
        strange = [word for phrase in phrases for word in self._words(phrase) if not self._knows(word)]
        if strange:
            raise ProjectError.of("XM815", engine="Vosk", words=", ".join(dict.fromkeys(strange)))

    def _grammar(self) -> list[str]:
        """Return the closed list as JSON; nothing when every word is wanted. Some models have no word for the others."""
        others = [OTHER] if self._knows(OTHER) else []
        return [json.dumps([*self._phrases, *others], ensure_ascii=False)] if self._phrases else []

    def hear(self, samples: Any) -> Iterator[Text]:
        """Yield the texts that (n,) int16 samples bring to an end, or, with `partial`, carry on."""
        if self._recogniser.AcceptWaveform(samples.tobytes()):
            yield from self._final(self._recogniser.Result())
        elif self._partial:
            said = self._as_written(json.loads(self._recogniser.PartialResult())["partial"])
            if said and said != self._said:
                self._said = said
                yield Text(said, final=False)

    def finish(self) -> Iterator[Text]:
        """Yield what was being said when the sound ended."""
        yield from self._final(self._recogniser.FinalResult())

    def _final(self, result: str) -> Iterator[Text]:
        self._said = ""
        text = json.loads(result)["text"]
        if self._phrases:
            heard = self._phrases.get(" ".join(word for word in text.split() if word != OTHER))
        else:
            heard = self._as_written(text)
        if heard:
            yield Text(heard)

    def _as_written(self, text: str) -> str:
        return together(" ".join(word for word in text.split() if word != OTHER))

    def forget(self) -> None:
        """Forget what was being said."""
        self._said = ""
        self._recogniser.Reset()

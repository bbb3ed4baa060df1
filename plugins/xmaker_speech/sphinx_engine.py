"""PocketSphinx: tells a few phrases apart, in English or Mandarin, with the small English model that it brings along."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from xmaker import MissingDependency, ProjectError, Text
from xmaker_speech.mandarin import phones
from xmaker_speech.models import COMMAND
from xmaker_speech.phrases import HAS_HANZI, parts

GRAMMAR = "phrases"
LONGEST = 10.0
"""Seconds after which a phrase is taken to be over, though the noise goes on."""
OTHERS = (
    "one two three four five six seven eight nine zero the and you that was for are with his they at be this have from or had "
    "by word but what some we can out other were all there when use your how said an each she which do their time if will way "
    "about many then them would write like these her long make thing see him has look more day could come did my sound no most "
    "number who over know water than call first people may down side been now find"
)
"""Common words: what is none of the phrases sounds more like one of these than like a phrase, so it is not taken for one."""
ALIKE = 0.4
"""From this part of phones in common with a phrase on, a common word would take sound away from it."""
OTHERS_WEIGHT = 0.01
PAUSES, SLOWEST = 1.0, 0.25
"""Seconds that a phrase may take: so many, and for each of its phones so many more. What is longer is another sentence."""


def unknown_words(phrases: Sequence[str]) -> list[str]:
    """Return the words that its dictionary lacks, without loading it; none where it is not installed.

    Of Chinese characters nothing is said here: they are not in the dictionary, but written down in sounds.
    """
    library = find_spec("pocketsphinx")
    dictionary = Path(library.origin or "").parent / "model/en-us/cmudict-en-us.dict" if library else None
    if dictionary is None or not dictionary.is_file():
        return []
    known = b"\n" + dictionary.read_bytes()
    words = dict.fromkeys(word for text in phrases for word in parts(text) if not re.match(HAS_HANZI, word))
    return [word for word in words if b"\n%b " % word.encode() not in known]


class Phrase(NamedTuple):
    """What a sentence of the grammar stands for, and how many seconds it takes at most."""

    text: str
    phones: list[str]
    longest: float


class SphinxRecogniser:
    """Takes sound at 16 kHz, cuts it where somebody pauses, and gives the phrase that each piece is."""

    def __init__(self, rate: int, phrases: Sequence[str], strict: bool) -> None:
        """Raises ProjectError for words that nobody told it how to say."""
        try:
            import pocketsphinx
        except ImportError:
            raise MissingDependency.of("XM601", library="pocketsphinx", command=COMMAND) from None
        self._library: Any = pocketsphinx
        self._decoder: Any = self._library.Decoder(lm=None, samprate=rate, loglevel="FATAL")
        self._phrases = self._learn(phrases, strict)
        self._decoder.add_jsgf_string(GRAMMAR, self._grammar(self._others() if strict else []))
        self._decoder.activate_search(GRAMMAR)
        self._rate = rate
        self._begin()
        self._longest = round(LONGEST / self._endpointer.frame_length)

    def _learn(self, phrases: Sequence[str], strict: bool) -> dict[str, Phrase]:
        """Look every word up; return the sentences of the grammar with the phrases that they stand for."""
        sentences, strange = {}, []
        for text in phrases:
            words = parts(text)
            strange += [word for word in words if not self._phones(word)]
            sounds = [phone for word in words for phone in self._phones(word)]
            sentences[" ".join(words)] = Phrase(text, sounds, PAUSES + SLOWEST * len(sounds) if strict else LONGEST + 1)
        if strange:
            raise ProjectError.of("XM815", engine="PocketSphinx", words=", ".join(dict.fromkeys(strange)))
        return sentences

    def _phones(self, word: str) -> list[str]:
        """Return how a word sounds; none when nobody knows. Chinese characters are added to the dictionary."""
        if re.match(HAS_HANZI, word) and self._decoder.lookup_word(word) is None:
            try:
                self._decoder.add_word(word, phones(word), False)
            except KeyError:
                return []
            except ImportError:
                raise MissingDependency.of("XM601", library="pypinyin", command=COMMAND) from None
        return (self._decoder.lookup_word(word) or "").split()

    def _others(self) -> list[str]:
        """Return the common words that sound unlike every phrase."""

        def unlike(word: str) -> bool:
            sounds = self._phones(word)
            return all(SequenceMatcher(None, sounds, known.phones, False).ratio() < ALIKE for known in self._phrases.values())

        return [word for word in OTHERS.split() if unlike(word)]

    def _grammar(self, others: Sequence[str]) -> str:
        if not others:
            return f"#JSGF V1.0; grammar xmaker; public <said> = {' | '.join(self._phrases)};"
        weight = (1.0 - OTHERS_WEIGHT) / len(self._phrases)
        phrases = " | ".join(f"/{weight:.6f}/ {sentence}" for sentence in self._phrases)
        said = f"public <said> = {phrases} | /{OTHERS_WEIGHT}/ <other>;"
        return f"#JSGF V1.0; grammar xmaker; <other> = {' | '.join(others)}; {said}"

    def _begin(self) -> None:
        self._endpointer = self._library.Endpointer(sample_rate=self._rate)
        self._rest = b""
        self._speech: list[bytes] = []
        """The frames of what is being said; none between two phrases."""

    def hear(self, samples: Any) -> Iterator[Text]:
        """Yield the phrases that end in (n,) int16 samples."""
        size = self._endpointer.frame_bytes
        sound = self._rest + samples.tobytes()
        whole = len(sound) - len(sound) % size
        self._rest = sound[whole:]
        for start in range(0, whole, size):
            if (speech := self._endpointer.process(sound[start : start + size])) is not None:
                self._speech.append(speech)
                if not self._endpointer.in_speech or len(self._speech) >= self._longest:
                    yield from self._end()

    def _end(self) -> Iterator[Text]:
        """Tell the phrase when it is over: knowing all of it, the decoder can allow for the microphone and the voice."""
        speech, self._speech = b"".join(self._speech), []
        self._decoder.start_utt()
        self._decoder.process_raw(speech, full_utt=True)
        self._decoder.end_utt()
        guess = self._decoder.hyp()
        phrase = self._phrases.get(guess.hypstr if guess else "")
        if phrase and len(speech) / 2 / self._rate < phrase.longest:
            yield Text(phrase.text)

    def finish(self) -> Iterator[Text]:
        """Yield the phrase that was being said when the sound ended."""
        if self._endpointer.in_speech:
            self._speech.append(self._endpointer.end_stream(self._rest) or b"")
        if self._speech:
            yield from self._end()
        self._begin()

    def forget(self) -> None:
        """Forget what was being said."""
        self._begin()

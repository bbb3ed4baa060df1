"""PocketSphinx: tells a few phrases apart, in English or Mandarin, with the small English model that it brings along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from xmaker import MissingDependency, ProjectError, Text
from xmaker_speech.mandarin import phones
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


class SphinxRecogniser:
    """Takes sound at 16 kHz, cuts it where somebody pauses, and gives the phrase that each piece is."""

    def __init__(self, rate: int, phrases: Sequence[str], partial: bool, strict: bool) -> None:
        """Raises ProjectError for words that nobody told it how to say."""
        try:
            import pocketsphinx
        except ImportError:
            raise MissingDependency.of("XM601", library="pocketsphinx", command="pip install 'xmaker[speech]'") from None
        self._library: Any = pocketsphinx
        self._decoder: Any = self._library.Decoder(lm=None, samprate=rate, loglevel="FATAL")
        self._phrases = self._learn(phrases)
        self._decoder.add_jsgf_string(GRAMMAR, self._grammar(self._others() if strict else []))
        self._decoder.activate_search(GRAMMAR)
        self._rate, self._partial = rate, partial
        self._begin()
        self._longest = round(LONGEST / self._endpointer.frame_length)

    def _learn(self, phrases: Sequence[str]) -> dict[str, str]:
        """Look every word up; return the sentences of the grammar with the phrases that they stand for."""
        sentences, strange = {}, []
        for phrase in phrases:
            words = parts(phrase)
            strange += [word for word in words if not self._phones(word)]
            sentences[" ".join(words)] = phrase
        if strange:
            raise ProjectError.of("XM815", engine="PocketSphinx", words=", ".join(dict.fromkeys(strange)))
        return sentences

    def _phones(self, word: str) -> list[str]:
        """Return how a word sounds; none when nobody knows. Chinese characters are added to the dictionary."""
        if HAS_HANZI.match(word) and self._decoder.lookup_word(word) is None:
            try:
                self._decoder.add_word(word, phones(word), False)
            except KeyError:
                return []
            except ImportError:
                raise MissingDependency.of("XM601", library="pypinyin", command="pip install 'xmaker[speech]'") from None
        return (self._decoder.lookup_word(word) or "").split()

    def _others(self) -> list[str]:
        """Return the common words that sound unlike every phrase."""
        spoken = [[phone for word in sentence.split() for phone in self._phones(word)] for sentence in self._phrases]

        def unlike(word: str) -> bool:
            sounds = self._phones(word)
            return all(SequenceMatcher(None, sounds, phrase, False).ratio() < ALIKE for phrase in spoken)

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
        self._frames, self._said = 0, ""
        """Frames of the phrase that is being said; 0 between two."""

    def hear(self, samples: Any) -> Iterator[Text]:
        """Yield the phrases that end in (n,) int16 samples."""
        size = self._endpointer.frame_bytes
        sound = self._rest + samples.tobytes()
        whole = len(sound) - len(sound) % size
        self._rest = sound[whole:]
        for start in range(0, whole, size):
            if (speech := self._endpointer.process(sound[start : start + size])) is not None:
                yield from self._listen(speech, ends=not self._endpointer.in_speech)

    def _listen(self, speech: bytes, ends: bool) -> Iterator[Text]:
        if not self._frames:
            self._decoder.start_utt()
        self._frames += 1
        self._decoder.process_raw(speech)
        if ends or self._frames >= self._longest:
            yield from self._end()
        elif self._partial and (said := self._phrases.get(self._heard())) and said != self._said:
            self._said = said
            yield Text(said, final=False)

    def _end(self) -> Iterator[Text]:
        self._decoder.end_utt()
        self._frames, self._said = 0, ""
        if heard := self._phrases.get(self._heard()):
            yield Text(heard)

    def _heard(self) -> str:
        guess = self._decoder.hyp()
        return guess.hypstr if guess else ""

    def finish(self) -> Iterator[Text]:
        """Yield the phrase that was being said when the sound ended."""
        if self._frames:
            yield from self._end()
        self._begin()

    def forget(self) -> None:
        """Forget what was being said."""
        if self._frames:
            self._decoder.end_utt()
        self._begin()

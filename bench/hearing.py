"""How well words are heard, through the node itself, from speakers that no head has learnt from: --speech DIR.

DIR has `fsdd/` (the Free Spoken Digit Dataset: 3_george_12.wav is take 12 of George's "three") and `hj_zh/` (kaideng_1.wav, …).
Each figure on real speakers is a part of all takes; what is beside says as what the others were heard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from xmaker_toolbox.nodes import Host

from bench.measure import Row, Settings
from xmaker import Plugins, Sound

QUIET = 0.5
"""Seconds of a quiet room around each recording."""
SPOKEN = {"kaideng": "on", "guandeng": "off", "guangdeng": "off"}
"""How hj_zh spells the words that the head knows; what else is said there is `other`."""
COUNTS = (1, 3, 5, 10)
"""Takes of a word from which somebody's own voice is learnt; takes 10 and later are what it is tried on."""
NOTHING = "-"


def run(settings: Settings) -> list[Row]:
    """Measure whatever the folder has."""
    if not settings.speech:
        raise SystemExit("hearing needs recordings: --speech DIR (with fsdd/ or hj_zh/)")
    plugins, rows = Plugins.load(), list[Row]()
    digits = sorted((settings.speech / "fsdd").glob("?_*_*.wav"))
    if digits:
        names = plugins.model("digits", Path()).label_names()
        said = [(str(names[int(path.name[0])]), path) for path in digits]
        rows += _confusion("digits, FSDD", said, plugins, "digits") + _own_voice(digits, plugins)
    commands = _different((settings.speech / "hj_zh").glob("*_*.wav"))
    if commands:
        said = [(SPOKEN.get(path.name.partition("_")[0], "other"), path) for path in commands]
        rows += _confusion("lamp-zh, hj_zh", said, plugins, "lamp-zh")
    return rows


def _different(paths: Iterable[Path]) -> list[Path]:
    """Return each recording once: the same bytes lie there under several names."""
    return list({path.read_bytes(): path for path in sorted(paths, reverse=True)}.values())[::-1]


def _confusion(title: str, said: list[tuple[str, Path]], plugins: Plugins, model: str) -> list[Row]:
    """Return how many words were heard right, and for each word as what it was heard."""
    ear, heard = Ear(plugins, model), Counter[tuple[str, str]]()
    for word, path in said:
        heard[word, ear.word_in(path)] += 1
    rows = []
    words = list(dict.fromkeys(word for word, _ in said))
    for word in words:
        row = {name: count for (meant, name), count in heard.most_common() if meant == word}
        beside = ", ".join(f"{name} {count}" for name, count in row.items())
        rows.append(Row(f"{title}: {word}", row.get(word, 0) / sum(row.values()), beside=beside))
    right = sum(heard[word, word] for word in words)
    return [Row(title, right / len(said), beside=f"{right} of {len(said)} takes"), *rows]


class Ear:
    """The node, given one recording at a time."""

    def __init__(self, plugins: Plugins, model: str) -> None:
        self._node: Any = plugins.nodes["keywords"](model=model)
        self._node.host = Host(plugins)

    def word_in(self, path: Path) -> str:
        """Return the first word in a recording, with as much noise around it as is in its quietest parts."""
        import numpy as np
        from xmaker_keywords.takes import read_wav

        take = read_wav(path)
        loudness = np.sqrt(np.square(take[: len(take) // 320 * 320].reshape(-1, 320)).mean(axis=1))
        noise = min(np.percentile(loudness, 10), loudness.max() / 20)
        room = np.random.default_rng(1).normal(0, noise, int(16000 * QUIET))
        samples = np.concatenate((room, take, room))
        self._node.open()
        for start in range(0, len(samples), 1600):
            piece = (samples[start : start + 1600] * 32767).clip(-32768, 32767).astype(np.int16)
            if (word := self._node.run(Sound(piece))) is not None:
                return str(word.label)
        return NOTHING


def _own_voice(digits: list[Path], plugins: Plugins) -> list[Row]:
    """Return how well a head hears other takes of the speaker whose few takes it was taught, as `xmaker model teach` does."""
    import numpy as np
    from xmaker_keywords import teaching
    from xmaker_keywords.listening import loudest_word
    from xmaker_keywords.takes import read_wav

    card = plugins.model("digits", Path())
    session = plugins.engine(card).load(card, 1)
    bank, takes = teaching.other_words(teaching.FEWEST), dict[tuple[str, int, int], Any]()
    for path in digits:
        digit, speaker, number = path.stem.split("_")
        if (sound := loudest_word(read_wav(path))) is not None:
            takes[speaker, int(digit), int(number)] = teaching.versions(sound, session, teaching.FEWEST, int(number))
    rows = []
    for count in COUNTS:
        right, other, tried = 0, 0, 0
        for speaker in sorted({speaker for speaker, _, _ in takes}):
            mine = {key[1:]: made for key, made in takes.items() if key[0] == speaker}
            learnt = [[mine[digit, at] for at in range(count) if (digit, at) in mine] for digit in range(10)]
            head = teaching._fit(learnt, bank, 10)
            tests = [(digit, made[0]) for (digit, number), made in mine.items() if number >= max(COUNTS)]
            scores = head.scores(np.stack([features for _, features in tests]))
            heard = np.where(scores.max(axis=1) >= 0.5, scores.argmax(axis=1), 10)
            right += int((heard == [digit for digit, _ in tests]).sum())
            other, tried = other + int((heard == 10).sum()), tried + len(tests)
        rows.append(Row(f"own voice, {count} takes of each word", right / tried, beside=f"{right} of {tried}; other {other}"))
    return rows

"""Evaluates the words of a node `keywords` on recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xmaker import Label, LabelName, Plugins, ProjectError, Sound
from xmaker.errors import message
from xmaker_toolbox.evaluation.classify import Answer, summed_up, true_numbers
from xmaker_toolbox.evaluation.result import HEARD, Evaluation
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import read_pictures
from xmaker_toolbox.progress import Progress

ENDINGS = (".wav",)
QUIET = 0.5
"""Seconds of a quiet room before and after each recording: a word is known by the pauses around it."""
RATE = 16000
PIECE = 1600
"""Samples that the node gets at once, as a microphone gives them."""
NOTHING = LabelName("–")
"""What is said where no word was heard."""


def hear(plugins: Plugins, model: str, data: Path, engine: str, progress: Progress) -> Evaluation:
    """Return how often words are understood: a folder for each word, or a table. Raises XMakerError."""
    card, takes = plugins.model(model, Path()), read_pictures(data, ENDINGS)
    said = (*card.label_names(), NOTHING)
    numbers = {str(name): number for number, name in enumerate(said)}
    wanted = true_numbers(card, takes, data)
    skipped, answers = list[Path](), list[Answer]()
    with opened(plugins, "keywords", model=model, engine=engine) as node:
        for done, (take, true) in enumerate(zip(takes, wanted, strict=True)):
            progress(done / len(takes), message("XM436", "what", model=card.name, done=done, count=len(takes)))
            try:
                word = word_in(node, take.path) or Label(NOTHING, 0.0)
            except ProjectError:
                skipped.append(take.path)
            else:
                answers.append(Answer(take.path, true, numbers[str(word.label)], word))
    if not answers:
        raise ProjectError.of("XM434", data=data)
    return summed_up(HEARD, said, answers, skipped)


def word_in(node: Any, path: Path) -> Label | None:
    """Return the first word that the node hears in a WAV file, or None; around it is the noise of its quietest parts.

    Raises ProjectError when the file is none.
    """
    import numpy as np
    from xmaker_keywords.takes import read_wav

    take = read_wav(path)
    loudness = np.sqrt(np.square(take[: len(take) // 320 * 320].reshape(-1, 320)).mean(axis=1))  # of 20 ms each
    noise = min(np.percentile(loudness, 10), loudness.max() / 20) if len(loudness) else 0.0
    room = np.random.default_rng(1).normal(0, noise, int(RATE * QUIET))
    samples = np.concatenate((room, take, room))
    node.close()
    node.open()  # what it has heard before is forgotten
    for start in range(0, len(samples), PIECE):
        piece = (samples[start : start + PIECE] * 32767).clip(-32768, 32767).astype(np.int16)
        if (word := node.run(Sound(piece))) is not None:
            return word  # type: ignore[no-any-return]
    return None

"""What tells the words apart: a softmax over the numbers of the speech embedding, and the file that it is kept in.

The file is a model card: its `decode` holds the weights. So a head is seen by `xmaker model list` and `info` like any model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xmaker import ModelCard, ModelInput, ProjectError
from xmaker_keywords.embedding import SIZE, samples_of

OTHER = ("other", "其他")
"""The last class of every head: whatever is none of its words."""
TASK = "keywords"
SHRINK = 0.01
"""How strongly weights are pulled towards zero (L2): few takes must not be learnt by heart."""
ROUNDS = 150


@dataclass(frozen=True)
class Head:
    """`weights` is (windows * 96, words) and `bias` (words,), both float32."""

    weights: Any
    bias: Any

    @property
    def windows(self) -> int:
        return len(self.weights) // SIZE

    def scores(self, features: Any) -> Any:
        """Return the (…, words) probabilities of (…, windows * 96) features."""
        return softmax(features @ self.weights + self.bias)


def fit(features: Any, classes: Any, count: int) -> Head:
    """Learn from (n, windows * 96) features and their (n,) classes; a class with few takes counts as much as one with many.

    Gradient descent with Nesterov's momentum; its step is the largest that cannot overshoot. The same takes give the same head.
    """
    import numpy as np

    mean, spread = features.mean(axis=0), features.std(axis=0) + 0.5 * features.std()
    data = ((features - mean) / spread).astype(np.float32)
    data = np.column_stack((data, np.ones(len(data), np.float32)))
    wanted = np.eye(count, dtype=np.float32)[classes]
    weight = (1.0 / (count * wanted.sum(axis=0)))[classes][:, None].astype(np.float32)
    shrink = np.full((data.shape[1], 1), SHRINK, np.float32)
    shrink[-1] = 0.0
    step = np.float32(1.0 / (0.5 * _steepest(data, weight) + SHRINK))
    weights = ahead = np.zeros((data.shape[1], count), np.float32)
    for number in range(ROUNDS):
        slope = data.T @ (weight * (softmax(data @ ahead) - wanted)) + shrink * ahead
        before, weights = weights, ahead - step * slope
        ahead = weights + np.float32(number / (number + 3)) * (weights - before)
    own = weights[:-1] / spread[:, None]
    return Head(own.astype(np.float32), (weights[-1] - mean @ own).astype(np.float32))


def _steepest(data: Any, weight: Any) -> float:
    """Return the largest eigenvalue of the weighted data's squares, by power iteration, and a little more to be safe."""
    import numpy as np

    vector = np.ones(data.shape[1], np.float32)
    for _ in range(20):
        vector = data.T @ (weight[:, 0] * (data @ (vector / np.linalg.norm(vector))))
    return 1.05 * float(np.linalg.norm(vector))


def softmax(logits: Any) -> Any:
    """Return logits as probabilities, over the last axis."""
    import numpy as np

    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


def card_of(head: Head, name: str, labels: dict[str, list[str]], **facts: Any) -> ModelCard:
    """Return the card that a head is kept in; `labels` are its words without `other`."""
    import base64

    import numpy as np

    both = {language: [*words, other] for (language, words), other in zip(labels.items(), OTHER, strict=True)}
    kept = base64.b64encode(np.vstack((head.weights, head.bias)).astype("<f2").tobytes()).decode()
    taken = ModelInput(samples_of(head.windows), 1, dtype="float32")
    return ModelCard(name=name, task=TASK, input=taken, labels=both, decode={"weights": kept}, **facts)


def head_in(card: ModelCard) -> Head:
    """Return the head that a card holds: weights and, as their last row, the bias. Raises ProjectError when it is damaged."""
    import base64

    import numpy as np

    try:
        kept = np.frombuffer(base64.b64decode(card.decode["weights"], validate=True), "<f2").astype(np.float32)
        rows = kept.reshape(-1, len(card.label_names()))
        head = Head(rows[:-1], rows[-1])
        good = samples_of(head.windows) == card.input.width and len(rows) % SIZE == 1 and bool(np.isfinite(kept).all())
    except (KeyError, ValueError, TypeError, IndexError, ZeroDivisionError):
        good = False
    if not good:
        raise ProjectError.of("XM921", model=card.name)
    return head

"""How well a classifier is taught from a few pictures, and what a lesson costs: --catdog DIR (with cat/ and dog/).

Each figure is the mean over DRAWS choices of which pictures are learnt from; all others are what it is tried on.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import ROOT, Row, Settings

COUNTS = (10, 20, 50, 100)
"""Pictures that are learnt from, half of them of each class."""
DRAWS = 40
MOST_SECONDS, MOST_MB = 30.0, 150.0
"""What a lesson with 100 pictures may cost."""
LESSON = """
import os, sys
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
from xmaker_toolbox.teach.lesson import teach
from bench.measure import memory_mb
teach(sys.argv[1], sys.argv[2])
print(memory_mb(field="VmHWM"))
"""


def run(settings: Settings) -> list[Row]:
    """Measure both."""
    if not settings.catdog:
        raise SystemExit("teaching needs pictures: --catdog DIR (with cat/ and dog/)")
    return [*_accuracy(settings.catdog), *_cost(settings.catdog)]


def _accuracy(folder: Path) -> list[Row]:
    import numpy as np
    from xmaker_toolbox.progress import quiet
    from xmaker_toolbox.teach import learning, lesson
    from xmaker_toolbox.teach.graph import feature_network, trunk
    from xmaker_toolbox.teach.head_file import shipped

    network = shipped()
    assert network.path
    part = feature_network(trunk(network.path.read_bytes()))
    features = lesson._features(part, network.input, lesson._classes(folder), [], quiet)
    rows = []
    for count in (count for count in COUNTS if count // 2 < min(map(len, features))):
        shares = []
        for seed in range(DRAWS):
            chance, some = np.random.default_rng(seed), count // 2
            mixed = [one[chance.permutation(len(one))] for one in features]
            shares.append(_right(learning._fit([one[:some] for one in mixed]), [one[some:, 0] for one in mixed]))
        beside = f"mean of {DRAWS}, {min(shares):.3f} to {max(shares):.3f}, of {sum(map(len, features)) - count} pictures each"
        rows.append(Row(f"right, {count} pictures learnt from", float(np.mean(shares)), beside=beside))
    return rows


def _right(head: Any, tried: list[Any]) -> float:
    right = sum(int((head.scores(one).argmax(axis=1) == number).sum()) for number, one in enumerate(tried))
    return right / sum(map(len, tried))


def _cost(folder: Path) -> list[Row]:
    """Return what a lesson with 100 pictures takes, or with as many as there are, in a process of its own."""
    with TemporaryDirectory() as place:
        count = 0
        for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
            (Path(place) / "pictures" / kind.name).mkdir(parents=True)
            for path in sorted(kind.iterdir())[:50]:
                (Path(place) / "pictures" / kind.name / path.name).symlink_to(path.resolve())
                count += 1
        start = time.monotonic()
        command = [sys.executable, "-c", LESSON, f"{place}/pictures", f"{place}/model.onnx"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
        seconds = time.monotonic() - start
        size = (Path(place) / "model.onnx").stat().st_size / 1e6
    return [
        Row(f"a lesson with {count} pictures", seconds, "s", limit=MOST_SECONDS, beside="with the start of the program"),
        Row("its memory at the highest", float(done.stdout), "MB", limit=MOST_MB),
        Row("its file", size, "MB"),
    ]

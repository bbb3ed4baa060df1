"""Writes docs/toolbox/report.png and docs/zh/toolbox/report.png: the top of the page that `xmaker model evaluate` writes.

The pictures are those of the project cat_dog, made harder: turned, dark, blurred, far away. It needs Chromium.
Run it after a change of the page: `python docs/make_report.py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np

DOCS = Path(__file__).resolve().parent
MEDIA = DOCS.parent / "projects/cat_dog/media"
KINDS = {"cat1": "cat", "cat2": "cat", "dog1": "dog", "astronaut": "other", "coffee": "other", "rocket": "other"}
WIDTH, HEIGHT = 800, 975


def harder(image: Any) -> dict[str, Any]:
    """Return a picture as it may come from a camera on a bad day."""
    height, width = image.shape[:2]
    far = np.full_like(image, 128)
    small = cv2.resize(image, (width // 5, height // 5), interpolation=cv2.INTER_AREA)
    far[: small.shape[0], : small.shape[1]] = small
    return {
        "as it is": image,
        "turned": cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
        "upside down": cv2.rotate(image, cv2.ROTATE_180),
        "dark": (image * 0.06).astype(np.uint8),
        "blurred": cv2.GaussianBlur(image, (0, 0), 12),
        "far away": np.roll(far, (height // 2, width // 2), (0, 1)),
    }


def write_pictures(folder: Path) -> None:
    for name, kind in KINDS.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for how, image in harder(cv2.imread(str(MEDIA / f"{name}.jpg"))).items():
            cv2.imwrite(str(folder / kind / f"{name} {how}.jpg"), image)


def shoot(page: Path, target: Path, browser: str) -> None:
    """Photograph the top of a page."""
    size = f"--window-size={WIDTH},{HEIGHT}"
    options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu", size, f"--screenshot={target}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([browser, *options, page.as_uri()], check=True, **quiet)  # noqa: S603
    cv2.imwrite(str(target), cv2.imread(str(target)), [cv2.IMWRITE_PNG_COMPRESSION, 9])


def main() -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        sys.exit("this needs Chromium: apt install chromium")
    with tempfile.TemporaryDirectory() as made:
        write_pictures(Path(made) / "pets")
        for locale, target in {"C.UTF-8": DOCS / "toolbox", "zh_CN.UTF-8": DOCS / "zh/toolbox"}.items():
            command = f"{sys.executable} -m xmaker model evaluate cat-dog --data pets --report report.html".split()
            subprocess.run(command, cwd=made, env={**os.environ, "LC_ALL": locale}, check=True)  # noqa: S603
            shoot(Path(made) / "report.html", target / "report.png", browser)


if __name__ == "__main__":
    main()

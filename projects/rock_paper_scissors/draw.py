"""Draws the pictures that hands.json was taught with, and others to try it on: see README.md.

A class teaches it with its own hands. This stands in for them, so that the project runs without: hands of two sets of emoji,
in six colours of skin, in front of made-up backgrounds. A third set, which was not learnt from, tells how good it is.

    pip install opencv-python-headless pillow cairosvg
    npm pack @lobehub/fluent-emoji-3d@1.1.0 @twemoji/svg@15.0.0     # unpack each into a folder
    apt install fonts-noto-color-emoji                              # 2.042
    python draw.py FLUENT_FOLDER TWEMOJI_FOLDER
    xmaker model teach learnt --to hands.json
    python draw.py --chinese hands.json
    xmaker model evaluate hands.json --data unseen
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cairosvg
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

HANDS = {"paper": "270b", "rock": "270a", "scissors": "270c"}
CHINESE = {"nothing": "没有", "paper": "布", "rock": "石头", "scissors": "剪刀"}
SKINS = ["", "1f3fb", "1f3fc", "1f3fd", "1f3fe", "1f3ff"]
OTHERS = ["1f600", "26bd", "1f697", "1f431", "1f33b", "1f4d5", "1f346", "1f955", "1f384", "1f30d", "1f9e6", "1f511"]
"""What is no hand: a face, a ball, a car, a cat, …"""
FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
LEARNT, UNSEEN = 120, 60
"""Pictures of each class."""
HERE = Path(__file__).parent
dice = np.random.default_rng(1)
Draw = Callable[[str], Any]


def noto(code: str) -> Any:
    text = "".join(chr(int(part, 16)) for part in code.split("-"))
    picture = Image.new("RGBA", (272, 128))
    ImageDraw.Draw(picture).text((0, 0), text, font=ImageFont.truetype(FONT, 109), embedded_color=True)
    return np.array(picture)[:, :136]


def fluent(folder: Path) -> Draw:
    def draw(code: str) -> Any:
        found = next(path for name in (code, f"{code}-fe0f") if (path := folder / f"package/assets/{name}.webp").is_file())
        return np.array(Image.open(found).convert("RGBA"))

    return draw


def twemoji(folder: Path) -> Draw:
    def draw(code: str) -> Any:
        png = cairosvg.svg2png(url=str(folder / f"package/{code}.svg"), output_width=256, output_height=256)
        return np.array(Image.open(io.BytesIO(png)).convert("RGBA"))

    return draw


def background(height: int = 240, width: int = 320) -> Any:
    """Return an RGB picture of two colours, with some rectangles, lines and noise."""
    corners = dice.integers(0, 256, (2, 2, 3)).astype(np.float32)
    made = cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)
    for _ in range(dice.integers(0, 8)):
        colour = tuple(int(part) for part in dice.integers(0, 256, 3))
        one, two = (tuple(int(part) for part in dice.integers(0, (width, height))) for _ in range(2))
        if dice.random() < 0.5:
            cv2.rectangle(made, one, two, colour, -1)
        else:
            cv2.line(made, one, two, colour, int(dice.integers(1, 12)))
    return np.clip(made + dice.normal(0, dice.uniform(0, 20), made.shape), 0, 255)


def placed(thing: Any, scene: Any) -> Any:
    """Put a thing somewhere into a scene: turned, mirrored, nearer or farther."""
    height, width = scene.shape[:2]
    size = dice.uniform(0.5, 1.0) * height
    middle = (thing.shape[1] / 2, thing.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(middle, dice.uniform(-50, 50), size / max(thing.shape[:2]))
    room = np.array([width, height]) - size * 0.8
    turn[:, 2] += (np.array([width, height]) - thing.shape[1::-1]) / 2 + dice.uniform(-0.4, 0.4, 2) * np.maximum(room, 0)
    thing = thing[:, ::-1] if dice.random() < 0.5 else thing
    laid = cv2.warpAffine(np.ascontiguousarray(thing), turn, (width, height), flags=cv2.INTER_AREA).astype(np.float32)
    cover = laid[..., 3:] / 255
    return scene * (1 - cover) + laid[..., :3] * cover


def picture(things: list[Any]) -> Any:
    """Return a BGR picture as a camera would give it, with one of these things, or with nothing."""
    scene = background()
    if things:
        scene = placed(things[dice.integers(len(things))], scene)
    scene = (scene - 128) * dice.uniform(0.7, 1.2) + 128 + dice.uniform(-30, 30) + dice.uniform(-15, 15, 3)
    scene = cv2.GaussianBlur(scene, (0, 0), dice.uniform(0.1, 1.5))
    return np.clip(scene, 0, 255).astype(np.uint8)[..., ::-1]


def write(folder: Path, sets: list[Draw], count: int) -> None:
    """Write so many pictures of each class, drawn with these sets of emoji."""
    for label in CHINESE:
        codes = [f"{HANDS[label]}-{skin}".strip("-") for skin in SKINS] if label in HANDS else OTHERS
        things = [draw(code) for draw in sets for code in codes]
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(1, count + 1):
            nothing = label not in HANDS and dice.random() < 0.4
            made = picture([] if nothing else things)
            cv2.imwrite(str(folder / label / f"{number:04d}.jpg"), made, [cv2.IMWRITE_JPEG_QUALITY, 90])


def say_in_chinese(file: Path) -> None:
    """Give a taught head its Chinese labels beside the names of the folders."""
    card = json.loads(file.read_text(encoding="utf-8"))
    card["labels"]["zh"] = [CHINESE[label] for label in card["labels"]["en"]]
    card["title"] = {"en": "Rock, paper, scissors", "zh": "石头剪刀布"}
    file.write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    if sys.argv[1] == "--chinese":
        say_in_chinese(Path(sys.argv[2]))
        return
    known, third = [noto, fluent(Path(sys.argv[1]))], twemoji(Path(sys.argv[2]))
    write(Path("learnt"), known, LEARNT)
    write(Path("unseen"), [third], UNSEEN)
    for number, label in enumerate(CHINESE):
        things = [noto(f"{HANDS[label]}-{SKINS[number + 1]}")] if label in HANDS else []
        cv2.imwrite(str(HERE / "media" / f"{number}_{label}.jpg"), picture(things), [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()

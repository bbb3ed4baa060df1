"""How pictures are prepared, as the configuration in an MMEdu checkpoint says."""

from __future__ import annotations

import pytest
from xmaker_toolbox.convert.torch_files.preparing import as_mm_says, as_timm_does

MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
NORM = "dict(mean=[1.0, 2.0, 3.0], std=[4.0, 5.0, 6.0], {})"


def test_mmcls_writes_its_pipeline() -> None:
    config = f"""
img_norm_cfg = {NORM.format("to_rgb=True, type='Normalize'")}
test_pipeline = [dict(type='Resize', size=(256, -1)), dict(type='CenterCrop', crop_size=224)]
"""
    picture, guessed = as_mm_says({"config": config}, 0)
    assert (picture.width, picture.colour, picture.mean, picture.std) == (224, "RGB", (1, 2, 3), (4, 5, 6))
    assert (picture.resize, picture.crop, guessed) == ("centre-crop", 0.875, [])


def test_mmpretrain_has_other_words() -> None:
    config = f"""
data_preprocessor = {NORM.format("num_classes=2, to_rgb=False")}
test_pipeline = [{{'type': 'ResizeEdge', 'scale': 240}}, dict(type='CenterCrop', crop_size=192)]
"""
    picture, guessed = as_mm_says({"cfg": config}, 0)
    assert (picture.height, picture.colour, picture.crop, guessed) == (192, "BGR", 0.8, [])


@pytest.mark.parametrize(("step", "crop"), [("size=(128, 128)", 1.0), ("scale=128", 1.0)])
def test_pictures_may_be_stretched(step: str, crop: float) -> None:
    picture, guessed = as_mm_says({"config": f"p = [dict(type='Resize', {step})]"}, 0)
    assert (picture.width, picture.resize, picture.crop) == (128, "stretch", crop)
    assert len(guessed) == 1  # the colours


@pytest.mark.parametrize(
    "config", ["", "model = dict(...)", "p = [dict(", "import os\nos.remove('x')", "p = dict(mean=m, std=s)"]
)
def test_what_is_not_said_is_usual_and_told(config: str) -> None:
    picture, guessed = as_mm_says({"config": config}, 0)
    assert (picture.width, picture.mean, picture.std, picture.crop) == (224, MEAN, STD, 0.875)
    assert len(guessed) == 2
    assert as_mm_says({"config": config}, 160)[0].width == 160


def test_timm_counts_from_0_to_1() -> None:
    config = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5), "crop_pct": 0.9, "input_size": (3, 240, 240)}
    picture = as_timm_does(config, 0)
    assert (picture.width, picture.mean, picture.std, picture.crop) == (240, (127.5,) * 3, (127.5,) * 3, 0.9)

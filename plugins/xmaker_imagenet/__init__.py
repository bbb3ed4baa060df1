"""The network in the box: EfficientNet-Lite0, under two names. Where it is from and what it reaches say the cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xmaker import ModelCard, card_beside, hookimpl

FOLDER = Path(__file__).parent


@hookimpl
def xmaker_models() -> list[ModelCard]:
    return [card_beside(FOLDER / "imagenet.json"), card_beside(FOLDER / "cat-dog.json")]


@hookimpl(trylast=True)
def xmaker_read_card(path: Path) -> ModelCard | None:
    """Any network with a score for each of the 1,000 objects, such as those of the ONNX model zoo."""
    if path.suffix.lower() != ".onnx":
        return None
    from xmaker_vision.guess import MEAN, STD, classifier_card, picture_input, scores_of

    from xmaker import read_onnx

    file = read_onnx(path)
    if (scores := scores_of(file)) not in (1000, 1001):
        return None
    labels = card_beside(FOLDER / "imagenet.json").labels
    if scores == 1001:  # TensorFlow's begin with "nothing of these"
        labels = {"en": ["background", *labels["en"]], "zh": ["背景", *labels["zh"]]}
    guessed = [f"labels: ImageNet's, for it gives {scores} scores"]
    wanted = picture_input(file, guessed)
    if wanted.dtype == "uint8":
        wanted = picture_input(file, [], colour="RGB", crop=0.875)
    elif wanted.layout == "NHWC" or scores == 1001:
        wanted = picture_input(file, [], colour="RGB", crop=0.875, mean=(127, 127, 127), std=(128, 128, 128))
        guessed.append("pictures: RGB from -1 to 1, as TensorFlow makes them")
    else:
        wanted = picture_input(file, [], colour="RGB", crop=0.875, mean=MEAN, std=STD)
        guessed.append("pictures: RGB, normalised as ImageNet's, as PyTorch makes them")
    return classifier_card(file, wanted, labels, "ImageNet", guessed)


@hookimpl
def xmaker_commands(cli: Any) -> None:
    import click

    @click.command("objects")
    @click.argument("word", default="")
    def objects(word: str) -> None:
        """Search the 1,000 objects that the model imagenet knows, in English or Chinese."""
        for name in card_beside(FOLDER / "imagenet.json").label_names():
            if word.lower() in name.lower() or word in name.other:
                click.echo(f"{name}  {name.other}")

    cli.add_command(objects)

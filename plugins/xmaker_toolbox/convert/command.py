"""`xmaker model convert CHECKPOINT OUT`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xmaker.errors import message
from xmaker_toolbox.convert.sources import PIXELS
from xmaker_toolbox.report_file import OutFile

COMPARED = {"classify": "XM548", "detect": "XM666"}


@click.command("convert")
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.argument("out", type=OutFile(dir_okay=True))
@click.option("--labels", type=click.Path(path_type=Path), help="A text file with the name of a class a line.")
@click.option("--arch", default="", metavar="NAME", help="The architecture, as timm or torchvision name it: mobilenet_v2.")
@click.option("--size", type=click.IntRange(16, 2048), metavar="PIXELS", help="The side of the picture: 224.")
@click.option("--pixels", type=click.Choice([*PIXELS]), help="What a picture's numbers were in training.")
@click.option("--trust", is_flag=True, help="Run the code that the file carries: only for files of your own.")
def convert(checkpoint: Path, out: Path, **options: Any) -> None:
    """Turn a checkpoint of MMEdu, timm, torchvision (.pth …) or Keras (.h5 …) into an .onnx file with its labels inside.

    Of detectors it reads those of MMEdu and MMDetection: SSD_Lite, Yolov3, FasterRCNN, Mask_RCNN.
    """
    from xmaker_toolbox.convert.run import convert as work
    from xmaker_toolbox.progress import bar

    with bar() as progress:
        made = work(checkpoint, out, progress=progress, **options)
    size = f"{made.path.stat().st_size / 1e6:.1f}"
    click.echo(message("XM542", "what", origin=made.origin, file=made.path, size=size, labels=len(made.labels)))
    click.echo(message(COMPARED[made.task], "what", difference=f"{made.difference:.1e}", pictures=made.pictures))
    for guess in made.guessed:
        click.echo(message("XM543", "what", guess=guess))
    for code, files in (("XM544", made.beside.written), ("XM549", made.beside.kept)):
        if files:
            click.echo(message(code, "what", files=", ".join(map(str, files))))

"""The layouts of networks' outputs: what the numbers that a network gives mean.

Each layout is one function: it looks at the shapes (and names) of the outputs, and finds the things in them, or returns None
when they are of another layout. To add one, write its function in layouts_ready.py or layouts_raw.py, and add it to the table.
"""

from __future__ import annotations

from xmaker import ProjectError
from xmaker.errors import nearest
from xmaker_detector import layouts_raw, layouts_ready
from xmaker_detector.given import Found, Given, Layout

LAYOUTS: dict[str, Layout] = {
    "mmdet": layouts_ready.mmdet,
    "tensorflow": layouts_ready.tensorflow,
    "yolov3": layouts_ready.yolov3,
    "rcnn": layouts_ready.rcnn,
    "yolov5": layouts_raw.yolov5,
    "yolov8": layouts_raw.yolov8,
    "efficientdet": layouts_raw.efficientdet,
    "ssd": layouts_raw.ssd,
    "nanodet": layouts_raw.nanodet,
    "fastestdet": layouts_raw.fastestdet,
    "yolov10": layouts_ready.yolov10,
    "candidates": layouts_ready.candidates,
}
"""Name → layout, in the order in which they are tried: those that fit few shapes first. Our own are named by their cards."""


def layout_named(name: str) -> Layout:
    """Return a layout by its name. Raises ProjectError when there is none."""
    if name not in LAYOUTS:
        raise ProjectError.of("XM676", layout=name, near=nearest(name, LAYOUTS), known=", ".join(LAYOUTS))
    return LAYOUTS[name]


def find_layout(given: Given, model: str) -> Layout:
    """Return the layout that fits. Raises ProjectError when none does, saying what was seen."""
    for layout in LAYOUTS.values():
        if layout(given) is not None:
            return layout
    raise ProjectError.of("XM671", model=model, seen=seen(given), known=", ".join(LAYOUTS))


def read(layout: Layout, given: Given, model: str) -> Found:
    """Return the things in the outputs. Raises ProjectError when the layout does not fit, or the number of labels."""
    found = layout(given)
    if found is None:
        name = next(name for name, one in LAYOUTS.items() if one is layout)
        raise ProjectError.of("XM672", model=model, layout=name, seen=seen(given))
    kinds = found.kinds or max(found.labels.tolist(), default=-1) + 1
    if given.labels and (found.kinds not in (0, len(given.labels)) or kinds > len(given.labels)):
        told = kinds if found.kinds else f"≥ {kinds}"  # by one picture, which does not show all
        raise ProjectError.of("XM673", model=model, kinds=told, named=len(given.labels))
    return found


def seen(given: Given) -> str:
    """Return the outputs' names and shapes, for messages."""
    return ", ".join(f"{name} {list(one.shape)}" for name, one in zip(given.names, given.outputs, strict=True))

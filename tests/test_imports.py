"""What is not used is not loaded: a board has little memory, and pupils little patience."""

import subprocess
import sys

import pytest


def loaded_after(program: str, *modules: str) -> set[str]:
    """Return which of these modules a fresh Python has loaded after a program."""
    command = [sys.executable, "-c", f"{program}\nimport sys\nprint(*sorted(set({modules!r}) & set(sys.modules)))"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_importing_xmaker_loads_nothing_else() -> None:
    heavy = ("numpy", "cv2", "onnxruntime", "click", "rich", "yaml", "pluggy", "msgspec", "asyncio", "pytest", "gpiozero")
    assert loaded_after("import xmaker", *heavy) == set()


def test_loading_every_plugin_loads_no_hardware_and_no_arrays() -> None:
    program = "from xmaker import Plugins; assert len(Plugins.load().nodes) >= 11"
    assert (
        loaded_after(program, "numpy", "cv2", "onnxruntime", "gpiozero", "smbus2", "click", "rich", "asyncio", "pytest")
        == set()
    )


def test_numpy_is_imported_from_its_outside_by_everyone() -> None:
    """Two threads that import it from opposite ends at once would each get half of it: a camera's, and a model's."""
    program = """
import sys
from xmaker import Plugins
order = []
sys.meta_path.insert(0, type("Order", (), {"find_spec": lambda name, *_: order.append(name)}))
plugins = Plugins.load()
card = plugins.model("imagenet", None)
plugins.engine(card).load(card, 1)
assert order.index("numpy") < order.index("onnxruntime")
"""
    assert loaded_after(program, "onnxruntime") == {"onnxruntime"}


@pytest.mark.parametrize("name", ["Camera", "no_such_name"])
def test_what_is_not_there_is_an_attribute_error(name: str) -> None:
    import xmaker

    with pytest.raises(AttributeError, match=f"module 'xmaker' has no attribute '{name}'"):
        getattr(xmaker, name)


def test_every_public_name_can_be_imported_and_is_listed() -> None:
    import xmaker

    for name in xmaker._MODULES:
        assert getattr(xmaker, name) is not None
        assert name in dir(xmaker)


def test_every_module_can_be_imported_without_what_windows_lacks() -> None:
    program = """
import importlib, importlib.metadata, pkgutil, sys
for name in ("termios", "tty", "fcntl", "pwd", "grp", "resource", "readline", "syslog"):
    sys.modules[name] = None
import xmaker
tops = [xmaker, *(point.load() for point in importlib.metadata.entry_points(group="xmaker"))]
for top in tops:
    for found in pkgutil.walk_packages(getattr(top, "__path__", []), f"{top.__name__}."):
        if not found.name.rpartition(".")[2].startswith(("build_", "__main__")):
            importlib.import_module(found.name)
"""
    loaded = {"xmaker.terminal", "xmaker.cli.live", "xmaker_doctor.cameras", "xmaker_log"}
    assert loaded_after(program, *loaded) == loaded

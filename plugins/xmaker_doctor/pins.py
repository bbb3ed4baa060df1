"""Checks of pins and the I2C bus."""

from __future__ import annotations

from xmaker_doctor.children import ChildError, call
from xmaker_doctor.findings import Finding, Machine, broken, fine, forbidden, notice, phrase

LGPIO_STUB = "0.0.0.2"
"""What PyPI gives where it has no wheel of lgpio: an old source that fits no gpiozero."""
LGPIO_WHEELS = ((3, 11), (3, 12))
SECONDS = 8.0


def pins(machine: Machine) -> list[Finding]:
    if machine.is_m10:
        return [fine("pins", "pinpong") if machine.has("pinpong") else broken("pins", "XM886")]
    if machine.board.simulated:
        return [fine("pins", phrase("XM865", 0))]
    if machine.board.driver != "gpiozero":
        return [fine("pins", machine.board.driver)]
    if faults := _faults(machine):
        return faults
    try:
        factory = call("pins", "pin_factory", seconds=SECONDS)
    except ChildError as error:
        return [broken("pins", "XM871", library="gpiozero", reason=error, command="pip install --upgrade gpiozero")]
    return [fine("pins", f"gpiozero {machine.version('gpiozero')}, {factory}")]


def _faults(machine: Machine) -> list[Finding]:
    """Return what can be known without touching a pin."""
    chips = machine.devices("gpiochip[0-9]*")
    found = [broken("pins", "XM875")] if not chips else []
    found += [fault for chip in chips[:1] if (fault := forbidden(machine, "pins", chip, "gpio", "gpio"))]
    if not machine.has("gpiozero"):
        found.append(broken("pins", "XM601", library="gpiozero", command='pip install "xmaker[pi]"'))
    old = machine.has("RPi") and not machine.board.title.startswith("Raspberry Pi 5")  # there RPi.GPIO does as well
    if machine.version("lgpio") in ("", LGPIO_STUB) and not old:
        found.append(broken("pins", "XM876", command=_lgpio_command(machine)))
    return found


def _lgpio_command(machine: Machine) -> str:
    if machine.python in LGPIO_WHEELS and machine.arch == "aarch64":
        return "pip install 'lgpio>=0.2.2'"
    rest = "sudo apt install python3-lgpio"
    return f"pip uninstall -y lgpio && {rest}" if machine.version("lgpio") else rest  # the stub would hide the real one


def pin_factory() -> str:
    """Have gpiozero open the pins, and return what moves them."""
    import gpiozero

    gpiozero.Device.ensure_pin_factory()
    return type(gpiozero.Device.pin_factory).__name__


def i2c(machine: Machine) -> list[Finding]:
    if machine.board.simulated or machine.board.i2c_bus is None:
        return [fine("i2c", phrase("XM865", 0))]
    fault = i2c_fault(machine, machine.board.i2c_bus)
    return [fault or fine("i2c", phrase("XM865", 2, device=f"/dev/i2c-{machine.board.i2c_bus}"))]


def i2c_fault(machine: Machine, bus: int) -> Finding | None:
    """Return why a bus cannot be used, or None. One that is off is no fault: most projects do without."""
    path = machine.root / f"dev/i2c-{bus}"
    if not path.exists():
        on_pi = machine.board.name == "pi"
        command = "sudo raspi-config nonint do_i2c 0 && sudo reboot" if on_pi else "sudo modprobe i2c-dev"
        return notice("i2c", "XM877", device=machine.shown(path), command=command)
    if not machine.has("smbus2"):
        return broken("i2c", "XM601", library="smbus2", command="pip install smbus2")
    return forbidden(machine, "i2c", path, "i2c", "i2c-dev")

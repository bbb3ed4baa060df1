"""The command `xmaker doctor` and those under it. What they do is imported when they are typed."""

from __future__ import annotations

from typing import Any

import click

from xmaker import XMakerError

DONE = 0


class Guarded(click.Group):
    """Says in the user's words even what nobody expected: who asks a doctor must not be met with a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (XMakerError, click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            raise XMakerError.of("XM887", reason=f"{type(error).__name__}: {error}") from error


@click.group("doctor", cls=Guarded, invoke_without_command=True)
@click.pass_context
def doctor(context: click.Context) -> int:
    """Look for what is wrong with this computer and its devices, and say how to mend it."""
    if context.invoked_subcommand is not None:
        return DONE
    from xmaker_doctor.checks import examine, this_machine
    from xmaker_doctor.report import conclude, tell

    found = []
    for finding in examine(this_machine()):
        tell(finding)
        found.append(finding)
    return conclude(found)


@doctor.command("camera")
@click.option("--source", default="", metavar="N|URL|FILE", help="Which camera, as in a project; nothing is the first one.")
def camera(source: str) -> int:
    """Take a picture, show it in the terminal and save it as camera.jpg."""
    from xmaker_doctor.media import try_camera

    return try_camera(source)


@doctor.command("microphone")
@click.option("--for", "duration", default="5s", metavar="TIME", help="How long to listen: 5s, 1min.")
def microphone(duration: str) -> int:
    """Show how loud it is."""
    from xmaker_doctor.media import try_microphone

    return try_microphone(duration)


@doctor.command("i2c")
@click.option("--bus", type=click.IntRange(0), help="The number of the bus; nothing is the board's own.")
def i2c(bus: int | None) -> int:
    """Show which addresses answer on the I2C bus, and what usually has them."""
    from xmaker_doctor.scan import scan

    return scan(bus)


@doctor.command("led")
@click.option("--pin", required=True, help="The pin, as in a project: 17, P25.")
@click.option("--driver", default="", metavar="NAME", help="What moves the pin; nothing is the board's own driver.")
def led(pin: str, driver: str) -> int:
    """Blink a lamp for five seconds."""
    from xmaker_doctor.parts import try_part

    return try_part("led", pin, driver)


@doctor.command("servo")
@click.option("--pin", required=True, help="The pin, as in a project: 18, P21.")
@click.option("--driver", default="", metavar="NAME", help="What moves the pin; nothing is the board's own driver.")
def servo(pin: str, driver: str) -> int:
    """Turn a servo to and fro between 60 and 120 degrees for five seconds."""
    from xmaker_doctor.parts import try_part

    return try_part("servo", pin, driver)

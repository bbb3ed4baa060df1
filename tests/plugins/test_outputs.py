"""Outputs that move, shine and sound: motor, relay, lamps in colour, buzzer."""

from __future__ import annotations

from typing import Any

import pytest
from xmaker_buzzer import frequency_of
from xmaker_gpiozero import Gpiozero
from xmaker_rgb_led import colour_of

from xmaker import Pin, ProjectError, XMakerError
from xmaker.testing import ProjectRun

PROJECT = """
inputs: {{knob: {{use: analog, fresh: 1 min}}}}
outputs: {{thing: {node}}}
rules: [{{each: knob, then: [{action}]}}]
"""


@pytest.fixture
def do(xmaker_run: Any) -> Any:
    """Give a function that has an output do one action, and returns the run."""

    def done(node: str, action: str, *knob: float) -> ProjectRun:
        run = xmaker_run(PROJECT.format(node=node, action=f"'{action}'"))
        run.send("knob", *(knob or (1,)))
        return run  # type: ignore[no-any-return]

    return done


def shown(run: ProjectRun) -> list[Any]:
    """Return what the simulated pins of the output show."""
    node = run.runtime.workers["thing"].node
    return [pin.handles[0].read() for pin in vars(node).values() if isinstance(pin, Pin)]


@pytest.mark.parametrize(("speed", "levels"), [(1, [1, 0]), (-0.5, [0, 0.5]), (0, [0, 0]), (7, [1, 0])])
def test_a_motor_turns_both_ways(do: Any, speed: float, levels: list[float]) -> None:
    run = do("{use: motor, forwards: 5, backwards: 6}", "thing.speed(knob)", speed)
    assert shown(run) == levels
    run.stop()
    assert run.actions == [f"thing.speed({speed:g})"]


@pytest.mark.parametrize(("options", "on", "off"), [("", 1, 0), (", active_low: true", 0, 1)])
def test_a_relay_switches(do: Any, options: str, on: float, off: float) -> None:
    run = do(f"{{use: relay, pin: 5{options}}}", "thing.toggle")
    assert shown(run) == [on]
    run.send("knob", 2)
    assert shown(run) == [off]


RGB = "{use: rgb_led, red: 5, green: 6, blue: 7"


@pytest.mark.parametrize(
    ("options", "action", "levels"),
    [
        ("", 'thing.colour("#ff8000")', [1, 128 / 255, 0]),
        ("", 'thing.colour("绿")', [0, 1, 0]),
        (", common_anode: true", 'thing.colour("red")', [0, 1, 1]),
        ("", "thing.mix(255, 51, -7)", [1, 0.2, 0]),
        ("", "thing.off", [0, 0, 0]),
    ],
)
def test_an_rgb_led_mixes_colours(do: Any, options: str, action: str, levels: list[float]) -> None:
    assert shown(do(f"{RGB}{options}}}", action)) == pytest.approx(levels)


@pytest.mark.parametrize("name", ["redd", "#ff80", "", "彩虹"])
def test_what_is_no_colour_is_told_with_what_is(name: str) -> None:
    with pytest.raises(XMakerError) as raised:
        colour_of(name)
    assert raised.value.code == "XM853"


STRIP = "{use: neopixel, pin: 10, count: 4, brightness: 1}"
BLACK, GREEN, RED = (0, 0, 0), (0, 255, 0), (255, 0, 0)


@pytest.mark.parametrize(
    ("action", "lamps"),
    [
        ('thing.fill("red")', [RED] * 4),
        ("thing.bar(0.5)", [GREEN, GREEN, BLACK, BLACK]),
        ('thing.lamp(2, "red")', [BLACK, RED, BLACK, BLACK]),
        ("thing.off", [BLACK] * 4),
    ],
)
def test_a_strip_shines(do: Any, action: str, lamps: list[tuple[int, int, int]]) -> None:
    assert shown(do(STRIP, action)) == [lamps]


def test_a_lamp_beyond_the_strip_is_told(do: Any) -> None:
    assert [error.code for error in do(STRIP, 'thing.lamp(5, "red")').errors] == ["XM854"]


@pytest.mark.parametrize(
    ("note", "frequency"), [("A4", 440), ("a", 440), ("C4", 261.63), ("C5", 523.25), ("F#4", 369.99), ("Bb3", 233.08), ("-", 0)]
)
def test_a_note_has_its_frequency(note: str, frequency: float) -> None:
    assert frequency_of(note) == pytest.approx(frequency, abs=0.01)


@pytest.mark.parametrize("note", ["H4", "C9", "C##", "", "440"])
def test_what_is_no_note_is_told(note: str) -> None:
    with pytest.raises(XMakerError) as raised:
        frequency_of(note)
    assert raised.value.code == "XM855"


def test_a_melody_sounds_note_after_note(do: Any) -> None:
    run = do("{use: buzzer, pin: 5, tempo: 60}", 'thing.melody("A4 - C5:2")')
    heard = []
    for _ in range(9):
        heard.append(round(shown(run)[0]))
        run.advance(0.5)
    assert heard == [440, 440, 0, 0, 523, 523, 523, 523, 0]
    assert run.actions == ['thing.melody("A4 - C5:2")']


def test_a_tone_lasts_until_it_is_off(do: Any) -> None:
    run = do("{use: buzzer, pin: 5}", "thing.tone(880)")
    run.advance(5)
    assert shown(run) == [880]
    run.runtime.loop.call_and_wait(lambda: run.runtime.perform("thing", "off", (), None))
    run.settle()
    assert shown(run) == [0]


def test_gpiozero_sounds_and_listens_with_its_own_code() -> None:
    driver = Gpiozero(simulate=True)
    horn = driver.tone("18")
    horn.write(523)
    assert (driver.factory.pin(18).frequency, driver.factory.pin(18).state) == (523, 0.5)
    horn.write(0)
    assert driver.factory.pin(18).state == 0
    for pull, at_rest in (("up", 1), ("down", 0)):
        button = driver.input("4", pull)
        assert button.read() == at_rest
        (driver.factory.pin(4).drive_low if at_rest else driver.factory.pin(4).drive_high)()
        assert button.read() == 1 - at_rest
        button.close()
    driver.close()


@pytest.mark.parametrize(
    ("node", "code"),
    [
        ("{use: neopixel, pin: 10, count: 1001}", "XM842"),
        ("{use: buzzer, pin: 5, tempo: 0}", "XM842"),
        ("{use: buzzer, pin: 5, tempo: -60}", "XM842"),
        ("{use: servo, pin: 5, speed: -1}", "XM842"),
        ("{use: servo, pin: 5, low: 90, high: 90}", "XM859"),
        ("{use: screen, lines: 0}", "XM842"),
    ],
)
def test_what_a_part_cannot_do_is_a_mistake_of_the_project(xmaker_run: Any, node: str, code: str) -> None:
    with pytest.raises(ProjectError) as raised:
        xmaker_run(f"outputs:\n  thing: {node}\n")
    assert raised.value.code == code and raised.value.problems[0].mark


@pytest.mark.parametrize(("asked", "heard"), [(1, 20), (440, 440), (1e9, 20_000), (-5, 20), (0, 0)])
def test_a_tone_is_one_that_an_ear_hears(do: Any, asked: float, heard: float) -> None:
    assert shown(do("{use: buzzer, pin: 5}", "thing.tone(knob)", asked)) == [heard]

"""The group `xmaker`: imports a command's module when the command is typed, and turns errors into exit codes."""

from __future__ import annotations

import gc
import importlib
import io
import os
import signal
import sys
from collections.abc import Sequence

import click

DONE, PROJECTS_FAULT, INTERRUPTED = 0, 1, 130
_ANSWERS = ("check", "nodes", "plugins", "model", "explain", "export", "schema", "completion", "version")
COMMANDS = {"run": "run", "new": "new", **dict.fromkeys(_ANSWERS, "answers")}
"""Command → its module."""


class Commands(click.Group):
    """XMaker's own commands, and those of plugins, which are loaded only when one of them may be meant."""

    _plugins_asked = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._ask_plugins()
        return [*COMMANDS, *sorted(set(self.commands) - set(COMMANDS))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS or cmd_name == "model":  # to which they add commands of their own
            self._ask_plugins()
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        found: click.Command = getattr(importlib.import_module(f"xmaker.cli.{COMMANDS[cmd_name]}"), f"{cmd_name}_command")
        return found

    def _ask_plugins(self) -> None:
        from xmaker.plugins import Plugins

        hooks = [] if self._plugins_asked else Plugins.load().manager.hook.xmaker_commands.get_hookimpls()
        self._plugins_asked = True
        for hook in hooks:
            try:
                hook.function(self)
            except BaseException as error:  # noqa: BLE001  # one plugin's mistake must not take the command line away
                click.echo(f"{hook.plugin_name}: {type(error).__name__}: {error}", err=True)


def _let_libraries_speak(_context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        os.environ["XMAKER_VERBOSE"] = "1"  # plugins, and the processes that they start, look at it


verbose_option = click.option(
    "--verbose", is_flag=True, expose_value=False, callback=_let_libraries_speak, help="Show also what libraries print."
)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--traceback", is_flag=True, help="Show where in the code an error happened.")
@verbose_option
@click.option("--version", is_flag=True, help="Show the versions.")
@click.pass_context
def cli(context: click.Context, traceback: bool, version: bool) -> None:
    """Wire inputs to AI models and outputs with one small file."""
    context.obj = traceback
    if context.invoked_subcommand is None:
        from xmaker.errors import message

        if version:
            from xmaker.cli.answers import version_command

            context.invoke(version_command)
        else:
            click.echo(message("XM722", "what"))


def execute(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Errors that users may meet are shown without a traceback."""
    from xmaker.errors import XMakerError

    try:
        if sys.stdout is None:  # `>&-`
            raise OSError("stdout: closed")
        return cli.main(list(arguments), "xmaker", standalone_mode=False) or DONE
    except click.UsageError as error:
        _show_usage(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        from xmaker.errors import message

        click.echo(message("XM712", "what"), err=True)
        return INTERRUPTED
    except SystemExit as end:  # click's own: completion, or nobody reads what is written
        return int(bool(end.code))
    except (XMakerError, OSError) as error:
        known = error if isinstance(error, XMakerError) else XMakerError.of("XM751", reason=error)
        click.echo(known.show(), err=True)
        if "--traceback" in arguments:
            import traceback

            traceback.print_exception(error)
        return PROJECTS_FAULT


def _show_usage(error: click.UsageError) -> None:
    """Say in the user's language what is wrong with the command line; for a group alone, click shows its help."""
    from xmaker.errors import Problem, nearest

    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):  # older click shows it by itself
        error.show()
        return
    context, param = error.ctx or click.Context(cli, info_name="xmaker"), getattr(error, "param", None)
    reason = _range(param.type) or error.message if param else error.message
    details = {"command": context.command_path, "reason": f"{param.opts[0]}: {reason}" if param else reason}
    code, known = "XM762", [option for one in context.command.params for option in one.opts]
    if isinstance(error, click.NoSuchOption):
        code, details["name"] = "XM760", error.option_name
    elif isinstance(context.command, click.Group) and hasattr(error, "command_name"):  # newer click alone tells it
        code, details["name"], known = "XM760", error.command_name, context.command.list_commands(context)
    elif isinstance(error, click.MissingParameter) and param:
        code, details["what"] = "XM761", param.opts[0] if isinstance(param, click.Option) else param.human_readable_name
    click.echo(Problem(code, {**details, "near": nearest(details.get("name", ""), known)}).show(), err=True)


def _range(kind: object) -> str:
    """Return the numbers that an option takes, without a word of any language; "" for one that takes others."""
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return ""
    return f"{'' if kind.min is None else f'{kind.min:g}'} … {'' if kind.max is None else f'{kind.max:g}'}".strip()


def run() -> None:
    """Run the command that was typed and end the process. A thread that hangs cannot hold it back."""
    gc.set_threshold(100_000)  # what start-up makes stays: looking through it again and again took 4 % of its time
    if sys.stderr is not None:
        # a stream of our own: sounddevice points file 2 nowhere while it looks for devices, for ever where that hangs
        sys.stderr = os.fdopen(os.dup(2), "w", encoding=sys.stderr.encoding, buffering=1)
    streams = [stream for stream in (sys.stdout, sys.stderr) if isinstance(stream, io.TextIOWrapper)]
    for stream in streams:
        stream.reconfigure(errors="replace")  # a GBK or ASCII console: better a ? than no line
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) is signal.SIG_DFL:  # not under nohup
            signal.signal(number, signal.default_int_handler)  # as Ctrl-C: what is half done is cleared away
    try:
        code = execute(sys.argv[1:])
    except OSError:  # the terminal is gone, and whoever could be told
        code = PROJECTS_FAULT
    for stream in streams:
        try:
            stream.flush()
        except OSError:  # nobody reads it any more, or the disk is full
            code = code or PROJECTS_FAULT
    os._exit(code)

"""From the shell to a command and back: errors in one line, exit statuses."""

from __future__ import annotations

import sys

from hpsearch.cli.commands import app
from hpsearch.cli.printing import print_error
from hpsearch.errors import HpsearchError, InputError

INTERRUPTED_STATUS = 3


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Exit statuses: 0 done, 1 unexpected failure, 2 wrong input, 3 stopped early (the same
    command continues), 4 no trial succeeded.
    """
    given = sys.argv[1:] if arguments is None else arguments
    sys.exit(run(given))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit status."""
    import typer

    as_json = "--json" in arguments
    try:
        status = app(args=arguments, standalone_mode=False, prog_name="hpsearch")
    except HpsearchError as error:
        print_error(error, as_json)
        return error.exit_status
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as error:
        if not arguments:
            return InputError.exit_status  # the help was printed
        hint = f"See: hpsearch {_command(arguments)} --help".replace("  ", " ")
        print_error(InputError(_message(error), hint), as_json)
        return InputError.exit_status
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("Stopped before anything was started.\n")
        return INTERRUPTED_STATUS
    return status if isinstance(status, int) else 0


def _message(error: Exception) -> str:
    """What typer would have printed, in one line."""
    format_message = getattr(error, "format_message", None)
    text = str(format_message() if format_message else error).replace("\n", " ")
    return text if text.endswith((".", ")")) else f"{text}."


def _command(arguments: list[str]) -> str:
    callbacks = (command.callback for command in app.registered_commands)
    known = {callback.__name__ for callback in callbacks if callback is not None}
    return next((word for word in arguments if word in known), "")

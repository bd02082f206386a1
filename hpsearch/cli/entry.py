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

    try:
        status = app(args=arguments, standalone_mode=False, prog_name="hpsearch")
    except typer.Exit as end:
        return end.exit_code
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("Stopped before anything was started.\n")
        return INTERRUPTED_STATUS
    except (HpsearchError, typer.TyperException, OSError) as trouble:
        error = _as_ours(trouble, arguments)
        if arguments:  # else the help was printed, which says it all
            print_error(error, "--json" in arguments)
        return error.exit_status
    return status if isinstance(status, int) else 0


def _as_ours(trouble: Exception, arguments: list[str]) -> HpsearchError:
    """Any expected trouble as an error with a hint and an exit status."""
    if isinstance(trouble, HpsearchError):
        return trouble
    if isinstance(trouble, OSError):
        where = f" ({trouble.filename})" if trouble.filename else ""
        return HpsearchError(
            f"The system refused: {trouble.strerror or trouble}{where}; finished trials are kept.",
            "Mend that, then run the same command again.",
        )
    hint = f"See: hpsearch {_command(arguments)} --help".replace("  ", " ")
    return InputError(_message(trouble), hint)


def _message(error: Exception) -> str:
    """What typer would have printed, in one line."""
    format_message = getattr(error, "format_message", None)
    text = str(format_message() if format_message else error).replace("\n", " ")
    return text if text.endswith((".", ")")) else f"{text}."


def _command(arguments: list[str]) -> str:
    callbacks = (command.callback for command in app.registered_commands)
    known = {callback.__name__ for callback in callbacks if callback is not None}
    return next((word for word in arguments if word in known), "")

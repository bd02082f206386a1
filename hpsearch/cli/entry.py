"""From the shell to a command and back: errors in one line, exit statuses."""

from __future__ import annotations

import errno
import io
import os
import sys

from hpsearch.cli.commands import app
from hpsearch.cli.printing import print_error
from hpsearch.errors import HpsearchError, InputError

INTERRUPTED_STATUS = 3
TYPERS_INTERRUPTED = 130
"""What typer returns for a command that Ctrl-C ended."""
CLOSED_PIPE_STATUS = 141
"""128 and the number of SIGPIPE, as shells report a program that it ended."""

WRONG_NAMES = (errno.ENAMETOOLONG, errno.ELOOP)
"""What the system says to names that no file can have."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Exit statuses: 0 done, 1 unexpected failure, 2 wrong input, 3 stopped early (the same
    command continues), 4 no trial succeeded. A reader that closes the pipe, as `head` does, ends
    the command without a word.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for names of files that are no text
    given = sys.argv[1:] if arguments is None else arguments
    try:
        status = run(given)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as end:
        if isinstance(end, SystemExit) and not isinstance(end.__context__, BrokenPipeError):
            raise
        status = CLOSED_PIPE_STATUS  # typer and rich make a SystemExit of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the last flush
    if status == INTERRUPTED_STATUS:
        _forget_interrupt()
    sys.exit(status)


def _forget_interrupt() -> None:
    """Have Python exit with a status after an interruption that we have dealt with.

    It remembers a KeyboardInterrupt that went through `exec` of a text (dataclasses are made in
    that way), also when somebody catches it afterwards, and `python -m` then ends by SIGINT
    whatever status it is given. An `exec` of a text that ends well makes it forget.
    """
    exec("")  # noqa: S102


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit status."""
    import typer

    from hpsearch.interrupts import signals_as_interrupts

    try:
        with signals_as_interrupts():
            status = app(args=arguments, standalone_mode=False, prog_name="hpsearch")
    except (KeyboardInterrupt, typer.Abort):
        status = TYPERS_INTERRUPTED
    except (HpsearchError, typer.TyperException, OSError) as trouble:
        error = _as_ours(trouble)
        if not _has_shown_help(trouble):
            print_error(error, "--json" in arguments)
        return error.exit_status
    if status == TYPERS_INTERRUPTED:
        sys.stderr.write("Stopped; what is finished is kept, and the same command goes on.\n")
        return INTERRUPTED_STATUS
    return status if isinstance(status, int) else 0


def _has_shown_help(trouble: Exception) -> bool:
    """Whether the help was printed because nothing else was given; typer keeps the type private."""
    return type(trouble).__name__ == "NoArgsIsHelpError"


def _as_ours(trouble: Exception) -> HpsearchError:
    """Any expected trouble as an error with a hint and an exit status."""
    if isinstance(trouble, HpsearchError):
        return trouble
    if isinstance(trouble, OSError):
        where = f" ({trouble.filename})" if trouble.filename else ""
        if trouble.errno in WRONG_NAMES:
            return InputError(f"{trouble.strerror}{where}.", "Check the path.")
        return HpsearchError(
            f"The system refused: {trouble.strerror or trouble}{where}; finished trials are kept.",
            "Mend that, then run the same command again.",
        )
    context = getattr(trouble, "ctx", None)
    command = "hpsearch" if context is None else context.command_path
    return InputError(_message(trouble), f"See: {command} --help")


def _message(error: Exception) -> str:
    """What typer would have printed, in one line."""
    format_message = getattr(error, "format_message", None)
    text = str(format_message() if format_message else error).replace("\n", " ")
    return text if text.endswith((".", ")", "?")) else f"{text}."

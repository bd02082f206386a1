"""The command `hpsearch dashboard`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli.commands import app

ShownOption = Annotated[list[Path], typer.Argument(help="Run directories to show.")]
HostOption = Annotated[
    str, typer.Option("--host", help="Where to listen; elsewhere than here only with a token.")
]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
]
TokenOption = Annotated[
    str | None,
    typer.Option("--token", help="Ask for this token; by default a new one, except on localhost."),
]


@app.command()
def dashboard(
    directories: ShownOption,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8080,
    token: TokenOption = None,
) -> None:
    """Show studies in the browser with optuna-dashboard, read only, until Ctrl-C."""
    from urllib.parse import quote

    from hpsearch.interop.dashboard_server import serve, token_for

    wanted = token_for(host, token)
    with serve(directories, host, port, wanted) as server:
        name = f"[{host}]" if ":" in host else host
        query = f"?token={quote(wanted)}" if wanted is not None else ""
        sys.stdout.write(f"Dashboard: http://{name}:{server.server_port}/{query}\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.stderr.write("The dashboard is closed.\n")

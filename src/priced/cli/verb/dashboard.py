"""`priced dashboard`: Optuna's own view of the sweeps."""

import argparse
from contextlib import suppress
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

from priced.check.terminal import say
from priced.cli.find import add_port

_EPILOG = """\
three to start with:
  priced dashboard                       every sweep below logs/sweeps
  priced dashboard logs/sweeps/lr        one of them, as it goes on
  priced dashboard --port 8081           on another port
"""
_HOST = "127.0.0.1"
_EXTRA = "pip install 'priced[dashboard]'"


class _Server(ThreadingMixIn, WSGIServer):
    """Answers in threads: wsgiref takes a Ctrl-C that falls into an answer for a fault of it."""

    daemon_threads = True


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "dashboard",
        help="open optuna-dashboard on 127.0.0.1 over the sweeps",
        description="Open optuna-dashboard over the sweeps; only this machine can reach it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", nargs="?", default="logs/sweeps", help="(logs/sweeps)")
    add_port(parser, 8080)
    parser.set_defaults(go=dashboard)


def dashboard(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C.

    Raises:
        ValueError: If there is no sweep, or optuna-dashboard is not installed.
    """
    try:
        from optuna_dashboard import wsgi
    except ImportError as error:
        raise ValueError(f"the dashboard is an extra: {_EXTRA}") from error
    storage, place = _storage(Path(args.folder))
    say(f"http://{_HOST}:{args.port}/ over {place} (Ctrl-C ends it)")
    with (
        make_server(_HOST, args.port, wsgi(storage), server_class=_Server) as server,
        suppress(KeyboardInterrupt),
    ):
        server.serve_forever()
    return 0


def _storage(folder: Path) -> tuple[Any, str]:
    """Return one sweep's own storage, or a copy of several in memory."""
    import optuna

    from priced.sweep.start import storage_of
    from priced.sweep.words import SWEEP

    sweeps = [file.parent for file in sorted(folder.rglob(SWEEP))]
    if not sweeps:
        raise ValueError(f"dashboard needs a folder of sweeps, found none in {folder}")
    if len(sweeps) == 1:
        return storage_of(sweeps[0]), str(sweeps[0])
    together = optuna.storages.InMemoryStorage()
    copied = 0
    for sweep in sweeps:
        try:
            own = storage_of(sweep)
        except ValueError as error:
            say(f"priced: left out: {sweep}: {error}")
            continue
        copied += 1
        for study in optuna.get_all_study_names(own):
            if study not in optuna.get_all_study_names(together):
                optuna.copy_study(from_study_name=study, from_storage=own, to_storage=together)
    return together, f"a copy of {copied} sweeps as they are now"

"""Whether somebody answers at an address."""

import socket
from urllib.parse import urlsplit

_SECONDS = 5.0
_PORTS = {"http": 80, "https": 443, "grpc": None}
"""Of the servers whose clients would try again for minutes, the usual port if there is one."""


def check_reachable(key: str, address: str) -> None:
    """Refuse a server that does not answer: its client would try again for minutes.

    Args:
        key: Of the config.
        address: http://..., https://... or grpc://host:port; others are left to their clients.

    Raises:
        ValueError: If nobody answers there.
    """
    parts = urlsplit(address)
    port = parts.port or _PORTS.get(parts.scheme)
    if parts.scheme not in _PORTS or not parts.hostname or port is None:
        return
    try:
        socket.create_connection((parts.hostname, port), _SECONDS).close()
    except OSError as error:
        raise ValueError(f"{key}: nobody answers at {address}: {error}") from error

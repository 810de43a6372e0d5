"""`python -m hub.service.worker SOCKET SIGNS LIFE`: one process of `hub serve --workers`, started by its supervisor.

The arguments are open files: the socket to accept from, the pipe for signs of life, and the pipe that closes with the
supervisor.
"""

import socket
import sys

from hub.service.cli.console import errors_explained, opened_database, refuse_unknown_settings


def main() -> None:
    """Serve until SIGTERM, or until the supervisor is gone."""
    from hub.foundation.core_dumps import refuse_core_dumps
    from hub.service.serving import Supervised, keys_of, serve

    refuse_core_dumps()
    refuse_unknown_settings()
    shared, signs, life = map(int, sys.argv[1:])
    with opened_database() as (settings, urls), errors_explained():
        supervised = Supervised(socket.socket(fileno=shared), signs, life)
        serve(settings, urls, keys_of(settings, urls), supervised)


if __name__ == "__main__":
    main()

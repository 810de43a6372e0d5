"""`python -m hub.cli`, where the command is not installed."""

from hub.cli import main

main()

"""`python -m hub.service.cli`, where the command is not installed."""

from hub.service.cli import main

if __name__ == "__main__":
    main()

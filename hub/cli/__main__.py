"""`python -m hub.cli`, where the command is not installed."""

from hub.cli import main

if __name__ == "__main__":
    main()

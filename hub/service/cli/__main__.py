"""`python -m hub.service.cli`, for use without the installed command."""

from hub.service.cli import main

if __name__ == "__main__":
    main()

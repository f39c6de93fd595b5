"""Run the command line: ``python -m netlet``."""

from netlet.cli import main

if __name__ == "__main__":
    main()

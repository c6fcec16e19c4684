"""`python -m watcher`, and the entry point of the `watcher` command."""

from watcher.cli.root import main

__all__ = ["main"]

if __name__ == "__main__":
    main()

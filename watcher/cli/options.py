"""The options that several commands share, and the settings they lead to."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from watcher.settings import Settings

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="Settings file; without it WATCHER_CONFIG, then ./watcher.toml."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line on standard output.")]


def settings_of(config: Path | None) -> "Settings":
    """The settings that the command line and the environment lead to."""
    from watcher.settings import load_settings

    return load_settings(config, os.environ)

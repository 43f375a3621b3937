"""The sample addon, in either of its versions: the second one is the first with a few files laid over it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.addons import ROOT

SAMPLE = ROOT / "tests" / "sample_addon"
PACKAGE = "parking"
_SECOND = "second_version"
_MORE = ".more"
"""What the name of a file ends with whose text comes at the end of the file of its name."""


def write_sample(folder: Path, *, second: bool = False) -> Path:
    """Copy the distribution of a version of the sample addon into a folder that is not there yet."""
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns(_SECOND, "__pycache__", "build", "*.egg-info"))
    if second:
        _lay_over(folder)
    return folder


def _lay_over(folder: Path) -> None:
    changes = SAMPLE / _SECOND
    for source in sorted(file for file in changes.rglob("*") if file.is_file() and "__pycache__" not in file.parts):
        target = folder / source.relative_to(changes)
        if target.suffix == _MORE:
            whole = target.with_suffix("")
            text = whole.read_text(encoding="utf-8") + source.read_text(encoding="utf-8")
            whole.write_text(text, encoding="utf-8")
        else:
            shutil.copy(source, target)

"""What tells one state of an addon's code from another."""

from __future__ import annotations

import hashlib
from pathlib import Path

_BY_PRODUCTS = ("__pycache__",)


def content_hash(folder: Path) -> str:
    """The SHA-256 of all files of a folder with their names, but for what Python leaves there when it runs."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        parts = file.relative_to(folder).parts
        if not set(parts).intersection(_BY_PRODUCTS):
            content = file.read_bytes()
            digest.update(f"{'/'.join(parts)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()

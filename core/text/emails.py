"""What looks like an e-mail address."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]\x00-\x1f]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}")


def looks_like_email(text: str, longest: int = 254) -> bool:
    """Whether mail can be sent to this text: one name, one ``@``, a domain with a dot; Cyrillic domains too."""
    return len(text) <= longest and _ADDRESS.fullmatch(text) is not None and ".." not in text

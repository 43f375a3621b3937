"""What several generated pages share."""

from __future__ import annotations

from core.web.http import Request


def addon_title(request: Request, addon: str) -> str:
    """An addon's title in the person's language; its name when its code is gone."""
    found = request.app.host.discovery.found.get(addon)
    return found.manifest.title_in(request.translate.language) if found is not None else addon

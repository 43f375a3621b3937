"""The sample addon's part in the host."""

from core.host.plugins import hookimpl
from testscreens import screens as declarations


@hookimpl
def screens():
    return [declarations.VISITS, declarations.CLIENTS]

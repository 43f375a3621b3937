"""The sample addon's part in the host."""

from testscreens import screens as declarations

from core.host.plugins import hookimpl


@hookimpl
def screens():
    return [declarations.VISITS, declarations.CLIENTS]

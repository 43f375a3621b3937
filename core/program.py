"""What a generation of processes loads of an instance: the application of its workers, and the jobs beside them."""

from __future__ import annotations

from core import logs
from core.config import Config
from core.host import instance
from core.jobs.worker import work_beside
from core.web.app import Application
from core.web.worker import Loaded


def load(config: Config, *, jobs: bool, fill: bool = False, reload_templates: bool = False) -> Loaded:
    """Load the application; nothing of it runs yet.

    :param jobs: do the jobs as well, in a process beside the workers.
    :param fill: bring shipped roles and rows up to date first.
    :param reload_templates: look for changed templates at every request, for addon developers.
    """
    logs.setup(config.log)
    app = Application(config, reload_templates=reload_templates)
    if fill:
        instance.fill(config, app.host)
    app.database.dispose()  # whoever has asked it something meanwhile: a connection must not be forked
    return Loaded(app.start, (lambda parent: work_beside(config, app.host, parent)) if jobs else None)

"""What a generation of processes loads of an instance: the application of its workers, and the jobs beside them."""

from __future__ import annotations

from core import logs
from core.access.policy import system
from core.config import Config
from core.host import instance, registry
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
        with app.database.writing(system(instance.SHIPPED)) as session:
            instance.bring_shipped(session, app.rights)
    with app.database.reading(system("start")) as session:
        # What SQLAlchemy learns of the database at the first connection is then learned once for all workers.
        registry.generation(session.connection())
    app.hub.prepare()
    app.database.dispose()  # a connection must not be forked
    if not jobs:
        return Loaded(app.start)
    # Only now: it imports multiprocessing, and ``forecourt web`` does no jobs.
    from core.jobs.worker import work_beside

    return Loaded(app.start, lambda parent: work_beside(config, app.database, parent))

"""The public surface: what addons import, always ``from core import …``. Everything else of core is private.

A name that says by itself what it means is given as it is; a function that says it only with its module's name is
given with that module (``tasks.cancel``, ``settings.read``). Each name is offered in one way. The type checker reads
the same list in ``core/__init__.pyi``; ``docs/surface.md`` is written from here.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # typing is a megabyte, see core.postponed
if TYPE_CHECKING:
    from typing import Any

NAMES: dict[str, dict[str, str]] = {
    "Hooks": {
        "core.host.plugins": "Hooks hookimpl hookspec",
        "core.host.commands": "Command",
        "core.commands.of_addons": "instance_database",
        "core.host.shipped": "claim_shipped ship shipped_ids",
        "core.host.vocabularies": "Vocabulary",
    },
    "Records": {
        "core.db.base": "Base BigId MAX_ID Record addon_of_table",
        "core.db.types": "Money UtcDateTime to_kopecks to_roubles",
        "core.db.search_index": "SEARCHED",
        "core.access.models": "Branch Department Role User UserDepartment UserRole",
        "core.work.models": "Notification",
        "core.work.office_models": "WorkingHours",
        "core.work.task_models": "Task TaskEvent TaskReminder",
    },
    "Sessions, reading and changing": {
        "core.db.engine": "WorkSession",
        "core.db.kept": "Read",
        "core.db.change": "Reach change_where expect_reach expect_record expect_version get_record locked_record reach_of reached within",
        "core.db.guards": "row_rules",
        "core.db.audit": "AuditEntry AuditValue Change note_action record_changes",
        "core.db.moving": "Elsewhere Moved Pointer Pointers Stamp",
        "core.work.upserts": "insert_into",
        "core.clock": "Clock utcnow",
    },
    "Rights": {
        "core.access.policy": "Access RowRule Scope system",
        "core.access.sealed": "UnreadableSecret seal unseal",
        "core.work.people": "colleagues name_of name_score names_of shown_name whom_it_reaches",
    },
    "Refusals": {
        "core.errors": "Blocked Confirmation Conflict Doubt Forbidden Invalid NotFound Obstacle Refusal Remedy TooMany confirm",
    },
    "Screens": {
        "core.web.screens": (
            "Action Badge BulkAction Choice ChoiceFilter Column ConditionFilter Field Filter FlagFilter "
            "Follows FormSection Grouping InLanguage Join Link Lookup LookupFilter Made Missing Option Origin Panel PeriodFilter "
            "PersonFilter RangeFilter ReadyFilter Screen Section Strip TextFilter Total View named_by "
            "with_choices"
        ),
        "core.web.screens.columns": "CARD",
        "core.web.listing.language": "Expression",
        "core.web.plain_screens": "plain_screen",
        "core.web.changes": "AuditWords",
        "core.web.forms": "CONFIRMED",
        "core.web.listing.cells": "Formats",
        "core.web.listing.export": "Table write_csv write_xlsx",
        "core.web.listing.viewer": "Viewer",
        "core.web.menu": "FrameStrip MenuItem",
        "core.web.search": "Hit Place SearchSource",
        "core.web.subjects": "SubjectPage",
    },
    "Pages of one's own": {
        "core.web.routing": "PUBLIC SIGNED_IN UPLOAD_LIMIT Route",
        "core.web.http": "Request came_from lines_of number_of own_path redirect whole_number",
        "core.web.shell": "PRESENCE_TITLES Page",
        "core.web.cards": "ContributedPanel",
        "core.web.views.common": "addon_title",
        "core.web.views.records": "DrawnPanel draw_panels",
        "core.web.views.refused": "step_on_card",
        "core.web.views.task_panel": "task_panels",
        "core.web.errors": "database_trouble worth_repeating",
        "core.web.local_time": "calendar_day clock_skips local_day local_moment moment_input",
        "core.web.pdf": "can_make_pdf pdf_of",
    },
    "API": {
        "core.web.api.operations": "Operation",
    },
    "Texts": {
        "core.text.msgids": "Figure Kopecks T",
        "core.web.i18n": "Translator",
        "core.text.emails": "looks_like_email",
        "core.text.folding": "MAX_QUERY corrected_layout match_score search_key terms",
        "core.text.letters": "fold latin_pieces neutral_pieces rewrite",
        "core.text.phones": "Phone format_phone parse_phone phone_query",
        "core.text.plates": "format_plate normalise_plate normalise_vin plate_being_typed plate_kind",
        "core.text.typed": "Typed read_typed",
    },
    "Work that all records share": {
        "core.work.subjects": "Subject subject_of",
        "core.work.settings": "Setting",
        "core.work.notifications": "Message Notice NotificationKind Sound close_for_subject close_for_subjects notify notify_each",
        "core.work.reminders": "set_reminder",
        "core.work.task_lists": "DueList due_list",
        "core.work.calendar": "Calendar calendar_of",
        "core.work.drafts": "drafts_read drop_draft load_draft save_draft save_drafts",
        "core.work.files": "clean_name",
        "core.work.filetypes": "BadFile FILE_TYPES recognise",
        "core.live.events": "publish",
        "core.jobs.schedule": "Daily Job",
        "core.jobs.duties": "Duty OnDuty",
    },
    "Personal data": {
        "core.work.personal_data": "Declaration Hold NotPersonal PersonalData Retention",
        "core.work.personal_erasure": "reference_of",
        "core.work.personal_terms": "ask_erasure",
        "core.work.personal_watch": "note_records",
    },
    "Demonstrations": {
        "core.access.demo": "DemoPerson add_people give_role",
    },
}
"""By subject: the module where each name is at home, and the names."""

MODULES: dict[str, tuple[str, str]] = {
    "asking": ("core.web.asking", "Box Step confirmed words_of"),
    "demo": ("core.demo", "add_entries add_records add_rows continue_from entry set_column"),
    "filters": ("core.web.listing.filters", "MAX_OPTIONS bad_value contains found"),
    "kept": ("core.db.kept", "gather read"),
    "numbers": ("core.work.numbers", "Series next_number"),
    "personal_data": (
        "core.work.personal_data",
        "Link READ Rows Sweep Told blank declared derived keep placeholder searched",
    ),
    "presence": ("core.work.presence", "Present PresenceState arrive presence_beside presence_of set_presence"),
    "search_index": ("core.db.search_index", "matches newest"),
    "settings": ("core.work.settings", "read read_all read_by_branch reset values_in values_read write"),
    "subjects": ("core.web.subjects", "words"),
    "task_rows": ("core.web.views.task_rows", "shown"),
    "tasks": (
        "core.work.tasks",
        "NewTask TaskState cancel complete create_task end_with_cause get_task hand_over postpone put_back reopen take",
    ),
    "timeline": (
        "core.work.timeline",
        "LONGEST_NOTE Line TimelinePage add_entry entries_read entry_lines merge_lines note timeline",
    ),
    "typed_numbers": ("core.web.typed_numbers", "scaled typed"),
    "versions": ("core.web.versions", "CHOOSING Choice WAS carried choices held merged written"),
}
"""The modules that are given as they are, where each is, and what of them is public."""

_HOMES = {name: home for homes in NAMES.values() for home, names in homes.items() for name in names.split()}


def names() -> list[str]:
    """All that can be imported from ``core``."""
    return sorted([*_HOMES, *MODULES])


def give(name: str) -> Any:
    """What an addon gets by a name; its module is imported now.

    :raises AttributeError: for a name that is not public, as a module does.
    """
    if name in MODULES:
        return import_module(MODULES[name][0])
    if name not in _HOMES:
        raise AttributeError(f"«{name}» is not public: see docs/surface.md", name=name)
    return getattr(import_module(_HOMES[name]), name)


def parts(module: str) -> list[str]:
    """What is public of a module that is given as it is."""
    return MODULES[module][1].split()

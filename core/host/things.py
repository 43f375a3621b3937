"""What goes with an addon besides its own tables, in the words of people."""

from __future__ import annotations

from collections.abc import Mapping

from core.text.msgids import T

THINGS: Mapping[str, str] = {
    "core_draft": T("Drafts"),
    "core_file": T("Files"),
    "core_held_value": T("Values that a law keeps"),
    "core_job_run": T("Background jobs"),
    "core_list_layout": T("Choices of columns"),
    "core_notification": T("Notifications"),
    "core_notification_preference": T("Choices of how loud notifications are"),
    "core_number_series": T("Series of numbers"),
    "core_role": T("Roles"),
    "core_saved_filter": T("Saved filters"),
    "core_setting": T("Settings that were changed"),
    "core_task": T("Tasks"),
    "core_task_event": T("Steps of tasks"),
    "core_task_reminder": T("Reminders"),
    "core_timeline_entry": T("Entries on timelines"),
    "core_user_role": T("Roles given to people"),
}
"""What the rows of core's tables are to people; the rest is the program's own bookkeeping."""

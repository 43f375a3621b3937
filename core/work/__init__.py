"""What the records of every addon share: notifications, tasks, the timeline, states, hours, files."""

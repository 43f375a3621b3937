"""The sub-commands of ``forecourt``. They import what they need when they run: ``--help`` must answer at once."""

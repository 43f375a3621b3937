"""What delivery adds: every hook implementation, one line each into services or views. The splitter needs none."""

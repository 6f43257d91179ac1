"""What a run leaves in its folder, and how it is found again: no torch."""

"""What a run does, a module a stage."""

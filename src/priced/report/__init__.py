"""What reads the ledger and draws: no torch, no Lightning, no Hydra."""

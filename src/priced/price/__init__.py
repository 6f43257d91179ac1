"""What a run used, what that costs, and the ledger that keeps it: no torch, no Lightning, no Hydra."""

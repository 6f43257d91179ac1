"""What a run used, what that costs, and the ledger that keeps it.

No torch, no Lightning, no Hydra: the ledger outlives any framework.
"""

"""What is kept of a run: its entry in the ledger, and its folder. How both are found again.

No torch, no Lightning, no Hydra: the ledger outlives any framework.
"""

"""What a run used, and what that costs: facts, tariffs, quotes, ladders and claims.

No torch, no Lightning, no Hydra: a price outlives any framework.
"""

"""Networks: plain torch modules.

Dimensions: B batch, D features, K outputs.
"""

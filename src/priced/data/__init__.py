"""Data, read, cleaned, split and fed in batches.

Dimensions: N examples, B batch, C channels, H height, W width, D features, K classes.
"""

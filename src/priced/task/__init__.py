"""What is learned: loss, scores and steps, around a network that each task is handed.

Dimensions: N examples of a stage, B batch, K classes.
"""

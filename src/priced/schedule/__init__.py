"""How the learning rate moves during a run.

Each schedule is called with the optimizer and the number of optimizer steps to come, and returns
what Lightning's `configure_optimizers` wants of a scheduler, or None.
"""

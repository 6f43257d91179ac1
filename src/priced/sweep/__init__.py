"""Many runs that answer one question: what to set so that the score is best, for how much.

Workers are peers on one Optuna study. Each asks for a trial, runs it, tells what came of it and
asks again, until nothing is left; no batch waits for its slowest. What they share lies in the
sweep's folder: the options as they were when it started, the study, a lock, signs of life.

Called, it sweeps: see `priced.api.sweep`.
"""

from priced.room import call_by_name

call_by_name(__name__, "priced.api", "sweep")

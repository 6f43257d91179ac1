"""Runs: from a config to an entry in the ledger, alone or in groups.

Called, it runs a config: see `priced.api.run`.
"""

from priced.room import call_by_name

call_by_name(__name__, "priced.api", "run")

"""Runs: from a config to an entry in the ledger, alone or in groups."""

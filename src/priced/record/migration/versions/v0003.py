"""Runs that are parts of another one, and trials of sweeps."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; what is in the ledger belongs to nothing."""
    for name in ("parent", "sweep"):
        op.add_column("entry", sa.Column(name, sa.String, nullable=False, server_default=""))
    op.add_column("entry", sa.Column("trial", sa.Integer, nullable=False, server_default="-1"))
    op.drop_index("entry_newest", "entry")
    op.create_index("entry_newest", "entry", ["parent", "started_at", "run"])
    op.create_index("entry_sweep", "entry", ["sweep", "trial"])

"""One table, as it was before versions were kept."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TEXTS = (
    "folder",
    "started_at",
    "status",
    "model",
    "data",
    "task",
    "experiment",
    "precision",
    "host",
)
_TREES = ("stages", "tags", "overrides", "scores", "usage", "tariff")


def upgrade() -> None:
    """Make the table, unless a ledger of those days brings it along."""
    if sa.inspect(op.get_bind()).has_table("entry"):
        return
    op.create_table(
        "entry",
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("life", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in _TEXTS),
        *(sa.Column(name, sa.JSON, nullable=False) for name in _TREES),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("usd", sa.Float, nullable=False),
    )

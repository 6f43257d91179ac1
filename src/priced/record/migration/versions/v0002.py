"""Quality levels, quotes, repetitions and signs of life; energy out of the tariffs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TARGETS = {
    "classification": {"metric": "val/accuracy", "mode": "max"},
    "regression": {"metric": "val/rmse", "mode": "min"},
}
"""What those tasks went by then."""
_ENTRY = sa.table(
    "entry",
    sa.column("run", sa.String),
    sa.column("life", sa.Integer),
    sa.column("seconds", sa.Float),
    sa.column("task", sa.String),
    sa.column("target", sa.JSON),
    sa.column("usage", sa.JSON),
    sa.column("tariff", sa.JSON),
)


def upgrade() -> None:
    """Add the columns; what a tariff said of watts becomes the joules that a run is charged for."""
    for name in ("updated_at", "settings"):
        op.add_column("entry", sa.Column(name, sa.String, nullable=False, server_default=""))
    for name, empty in (("target", "{}"), ("rungs", "[]"), ("quote", "{}")):
        op.add_column("entry", sa.Column(name, sa.JSON, nullable=False, server_default=empty))
    op.execute("UPDATE entry SET updated_at = started_at")
    op.create_index("entry_newest", "entry", ["run", "started_at"])
    op.create_index("entry_settings", "entry", ["settings"])
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # a seed may be as large as 2**32 - 1
        op.alter_column("entry", "seed", type_=sa.BigInteger)
    for row in connection.execute(sa.select(_ENTRY)).all():
        same = (_ENTRY.c.run == row.run) & (_ENTRY.c.life == row.life)
        usage, tariff = dict(row.usage), dict(row.tariff)
        joules = tariff.pop("watts", 0.0) * row.seconds * usage.get("nodes", 1)
        usage |= {
            "joules": joules,
            "joules_estimated": joules,
            "device_seconds": row.seconds * usage.get("devices", 1),
        }
        connection.execute(
            sa.update(_ENTRY)
            .where(same)
            .values(usage=usage, tariff=tariff, target=_TARGETS.get(row.task, {}))
        )

"""What customers changed of their returns, and proofs that they sent them. A column and a table that older code does not know."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("return_case", sa.Column("changes", types.Json(), nullable=False, server_default="[]"))
    op.create_table(
        "dispatch_proof",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("return_case_id", types.Id, nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", types.Moment(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_dispatch_proof_shop_id")),
        sa.ForeignKeyConstraint(["return_case_id"], ["return_case.id"], name=op.f("fk_dispatch_proof_return_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_proof")),
        sa.UniqueConstraint("return_case_id", "form_key", name=op.f("uq_dispatch_proof_return_case_id_form_key")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    waiting = sa.text("state = 'open'")
    op.create_index("ix_dispatch_proof_open", "dispatch_proof", ["return_case_id"], sqlite_where=waiting, postgresql_where=waiting)

"""A column on the biggest table, and a table."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "0026", None, None


def upgrade() -> None:
    op.add_column("inbound", sa.Column("weight", sa.Integer(), nullable=True))
    op.add_column("inbound", sa.Column("colour", sa.Text(), nullable=False, server_default="grey"))
    op.add_column("effect", sa.Column("mood", sa.Text(), nullable=False, server_default=""))
    op.create_table("hat", sa.Column("id", sa.Integer(), primary_key=True), sqlite_strict=True)

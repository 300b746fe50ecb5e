"""By which name the shop knows a return: a column with a default, so that older code goes on beside us."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("return_case", sa.Column("shop_ref", sa.Text(), nullable=False, server_default=""))

"""Returns that are fetched at the customer's door. Only columns with defaults and an index, which older code does not notice."""

import sqlalchemy as sa
from alembic import op

from postventa.migrations.gently import index
from postventa.models import types

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def gently(engine: sa.Engine) -> None:
    index(engine, "ix_return_case_pickup_on", "return_case", ["pickup_on"], "pickup_on <> ''")


def upgrade() -> None:
    op.add_column("return_case", sa.Column("pickup", types.Json(), nullable=False, server_default="{}"))
    op.add_column("return_case", sa.Column("pickup_on", sa.Text(), nullable=False, server_default=""))

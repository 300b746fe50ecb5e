"""Returns that are fetched at the customer's door. Only columns with defaults, which older code does not notice; their index follows (`0020a`)."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("return_case", sa.Column("pickup", types.Json(), nullable=False, server_default="{}"))
    op.add_column("return_case", sa.Column("pickup_on", sa.Text(), nullable=False, server_default=""))

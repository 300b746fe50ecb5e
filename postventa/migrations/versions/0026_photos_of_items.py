"""Which article of a return a photo shows. A column that older code does not know: what it writes is of the return as a whole."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("return_photo", sa.Column("line_ref", sa.Text(), nullable=False, server_default=""))

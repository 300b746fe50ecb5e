"""The day that a shop promised for a parcel, and what it tags its products with. Columns that older code does not know.

Tags come with a product's description, so what is described already is asked for again: what was bought of late, a piece at a time as ever
(`jobs/products.py`); all else when it is bought the next time.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0027"
down_revision = "0024"
branch_labels = None
depends_on = None

OF_LATE = 20_000
"""Order lines: those of which something may still come back."""


def upgrade() -> None:
    op.add_column("parcel", sa.Column("promised_on", sa.Text(), nullable=False, server_default=""))
    op.add_column("product", sa.Column("tags", types.Json(), nullable=True))
    product = sa.table("product", sa.column("seen_at", types.Moment()), sa.column("gone", sa.SmallInteger()))
    op.execute(product.update().where(product.c.gone == 0).values(seen_at=datetime(2000, 1, 1, tzinfo=UTC)))
    lease = sa.table("lease", sa.column("name", sa.Text()), sa.column("fence", types.Id))
    back = sa.case((lease.c.fence > OF_LATE, lease.c.fence - OF_LATE), else_=0)
    op.execute(lease.update().where(lease.c.name == "products").values(fence=back))

"""The ledger: shops, deliveries, orders, events, effects, returns, reviews.

The first schema is made from the models as they stood; every later change is written out as its own steps.
"""

from alembic import op

from postventa.models import Base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    Base.metadata.create_all(op.get_bind())


def downgrade() -> None:
    Base.metadata.drop_all(op.get_bind())

"""The ledger: shops, deliveries, orders, events, effects, returns, reviews."""

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
        sqlite_strict=True,
    )
    op.create_table(
        "shop",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("settings", types.Json(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("from_file", types.Flag(), nullable=False),
        sa.Column("hold", types.Flag(), nullable=False),
        sa.Column("held_followups", types.Json(), nullable=False),
        sa.Column("disconnected_at", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        sa.UniqueConstraint("key", name=op.f("uq_shop_key")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_table(
        "customer",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("marketing", types.Flag(), nullable=True),
        sa.Column("marketing_at", types.Moment(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_customer_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("shop_id", "email", name=op.f("uq_customer_shop_id_email")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_customer_shop_id_ref", "customer", ["shop_id", "ref"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("learned_at", types.Moment(), nullable=False),
        sa.Column("inbound_id", types.Id, nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_event_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_event_shop_id_key")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_event_shop_id_order_ref", "event", ["shop_id", "order_ref"], unique=False)
    op.create_table(
        "inbound",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("dedupe", sa.Text(), nullable=False),
        sa.Column("headers", types.Json(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("secret_index", sa.Integer(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.Column("received_at", types.Moment(), nullable=False),
        sa.Column("stored_at", types.Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", types.Moment(), nullable=False),
        sa.Column("done_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_inbound_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("shop_id", "dedupe", name=op.f("uq_inbound_shop_id_dedupe")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_inbound_shop_id_order_ref", "inbound", ["shop_id", "order_ref"], unique=False)
    op.create_index(
        "ix_inbound_waiting",
        "inbound",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_table(
        "suppression",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("until", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_suppression_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
        sa.UniqueConstraint("shop_id", "email", "category", name=op.f("uq_suppression_shop_id_email_category")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_table(
        "orders",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("customer_id", types.Id, nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", types.Money(), nullable=False),
        sa.Column("subtotal", types.Money(), nullable=False),
        sa.Column("shipping_total", types.Money(), nullable=False),
        sa.Column("discount_total", types.Money(), nullable=False),
        sa.Column("tax_total", types.Money(), nullable=False),
        sa.Column("refunded_total", types.Money(), nullable=False),
        sa.Column("shipping_method", sa.Text(), nullable=False),
        sa.Column("payment_method", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("status_url", sa.Text(), nullable=False),
        sa.Column("shipping_address", types.Json(), nullable=False),
        sa.Column("billing_address", types.Json(), nullable=False),
        sa.Column("test", types.Flag(), nullable=False),
        sa.Column("imported", types.Flag(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=True),
        sa.Column("updated_at", types.Moment(), nullable=True),
        sa.Column("tie", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seen_at", types.Moment(), nullable=False),
        sa.Column("placed_at", types.Moment(), nullable=True),
        sa.Column("paid_at", types.Moment(), nullable=True),
        sa.Column("prepared_at", types.Moment(), nullable=True),
        sa.Column("completed_at", types.Moment(), nullable=True),
        sa.Column("cancelled_at", types.Moment(), nullable=True),
        sa.Column("trashed_at", types.Moment(), nullable=True),
        sa.Column("restored_at", types.Moment(), nullable=True),
        sa.Column("disputed_at", types.Moment(), nullable=True),
        sa.Column("dispute_closed_at", types.Moment(), nullable=True),
        sa.Column("erased_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_orders_customer_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_orders_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("shop_id", "ref", name=op.f("uq_orders_shop_id_ref")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_orders_shop_id_number", "orders", ["shop_id", "number"], unique=False)
    op.create_table(
        "effect",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("followup", sa.Text(), nullable=False),
        sa.Column("subject_ref", sa.Text(), nullable=False),
        sa.Column("parcel_ref", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("planned_at", types.Moment(), nullable=False),
        sa.Column("due_at", types.Moment(), nullable=False),
        sa.Column("not_before", types.Moment(), nullable=False),
        sa.Column("done_at", types.Moment(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", types.Moment(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("maybe_duplicate", types.Flag(), nullable=False),
        sa.Column("merged_into", types.Id, nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_effect_order_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_effect_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effect")),
        sa.UniqueConstraint("key", name=op.f("uq_effect_key")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        "ix_effect_due", "effect", ["due_at"], unique=False, sqlite_where=sa.text("state = 'planned'"), postgresql_where=sa.text("state = 'planned'")
    )
    op.create_index(
        "ix_effect_held",
        "effect",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index("ix_effect_order_id", "effect", ["order_id"], unique=False)
    op.create_index("ix_effect_recipient", "effect", ["shop_id", "recipient", "done_at"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("variant_title", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("product_ref", sa.Text(), nullable=False),
        sa.Column("variant_ref", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("total", types.Money(), nullable=False),
        sa.Column("image_url", sa.Text(), nullable=False),
        sa.Column("requires_shipping", types.Flag(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_line_order_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_order_line_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "ref", name=op.f("uq_order_line_order_id_ref")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_table(
        "parcel",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("tracking_url", sa.Text(), nullable=False),
        sa.Column("lines", types.Json(), nullable=False),
        sa.Column("cancelled", types.Flag(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=True),
        sa.Column("dispatched_at", types.Moment(), nullable=True),
        sa.Column("out_for_delivery_at", types.Moment(), nullable=True),
        sa.Column("ready_for_pickup_at", types.Moment(), nullable=True),
        sa.Column("delayed_at", types.Moment(), nullable=True),
        sa.Column("failed_at", types.Moment(), nullable=True),
        sa.Column("delivered_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_parcel_order_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_parcel_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
        sa.UniqueConstraint("order_id", "ref", name=op.f("uq_parcel_order_id_ref")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_parcel_shop_id_tracking_number", "parcel", ["shop_id", "tracking_number"], unique=False)
    op.create_table(
        "return_case",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines", types.Json(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("requested_at", types.Moment(), nullable=True),
        sa.Column("approved_at", types.Moment(), nullable=True),
        sa.Column("declined_at", types.Moment(), nullable=True),
        sa.Column("cancelled_at", types.Moment(), nullable=True),
        sa.Column("received_at", types.Moment(), nullable=True),
        sa.Column("closed_at", types.Moment(), nullable=True),
        sa.Column("reopened_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_return_case_order_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_return_case_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_case")),
        sa.UniqueConstraint("order_id", "ref", name=op.f("uq_return_case_order_id_ref")),
        sa.UniqueConstraint("shop_id", "number", name=op.f("uq_return_case_shop_id_number")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_return_case_order_id", "return_case", ["order_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=False),
        sa.Column("line_ref", sa.Text(), nullable=False),
        sa.Column("product_ref", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("product_title", sa.Text(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("verified", types.Flag(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("updated_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_review_order_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_review_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("order_id", "line_ref", name=op.f("uq_review_order_id_line_ref")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_review_shop_id_product_ref", "review", ["shop_id", "product_ref"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("effect_id", types.Id, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["effect_id"], ["effect.id"], name=op.f("fk_attempt_effect_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_attempt_effect_id", "attempt", ["effect_id"], unique=False)
    op.create_table(
        "label",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("return_case_id", types.Id, nullable=False),
        sa.Column("effect_id", types.Id, nullable=True),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("carrier_ref", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cost", types.Money(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("mailed_at", types.Moment(), nullable=True),
        sa.Column("voided_at", types.Moment(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["effect_id"], ["effect.id"], name=op.f("fk_label_effect_id")),
        sa.ForeignKeyConstraint(["return_case_id"], ["return_case.id"], name=op.f("fk_label_return_case_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_label_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label")),
        sa.UniqueConstraint("shop_id", "reference", name=op.f("uq_label_shop_id_reference")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_label_return_case_id", "label", ["return_case_id"], unique=False)
    op.create_table(
        "link",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("order_id", types.Id, nullable=True),
        sa.Column("effect_id", types.Id, nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("data", types.Json(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.Column("expires_at", types.Moment(), nullable=True),
        sa.Column("used_at", types.Moment(), nullable=True),
        sa.Column("revoked_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["effect_id"], ["effect.id"], name=op.f("fk_link_effect_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_link_order_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_link_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_link_token_hash")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_link_order_id", "link", ["order_id"], unique=False)
    op.create_table(
        "recovery_case",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("order_id", types.Id, nullable=False),
        sa.Column("review_id", types.Id, nullable=True),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", types.Moment(), nullable=False),
        sa.Column("answer_due_at", types.Moment(), nullable=False),
        sa.Column("closed_at", types.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_recovery_case_order_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_recovery_case_review_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_recovery_case_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_case")),
        sa.UniqueConstraint("order_id", name=op.f("uq_recovery_case_order_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_table(
        "review_photo",
        sa.Column("id", types.Id, nullable=False),
        sa.Column("shop_id", types.Id, nullable=False),
        sa.Column("review_id", types.Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_photo_review_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_review_photo_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_review_photo_name")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_review_photo_review_id", "review_photo", ["review_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_review_photo_review_id", table_name="review_photo")
    op.drop_table("review_photo")
    op.drop_table("recovery_case")
    op.drop_index("ix_link_order_id", table_name="link")
    op.drop_table("link")
    op.drop_index("ix_label_return_case_id", table_name="label")
    op.drop_table("label")
    op.drop_index("ix_attempt_effect_id", table_name="attempt")
    op.drop_table("attempt")
    op.drop_index("ix_review_shop_id_product_ref", table_name="review")
    op.drop_table("review")
    op.drop_index("ix_return_case_order_id", table_name="return_case")
    op.drop_table("return_case")
    op.drop_index("ix_parcel_shop_id_tracking_number", table_name="parcel")
    op.drop_table("parcel")
    op.drop_table("order_line")
    op.drop_index("ix_effect_recipient", table_name="effect")
    op.drop_index("ix_effect_order_id", table_name="effect")
    op.drop_index(
        "ix_effect_held", table_name="effect", sqlite_where=sa.text("lease_until IS NOT NULL"), postgresql_where=sa.text("lease_until IS NOT NULL")
    )
    op.drop_index("ix_effect_due", table_name="effect", sqlite_where=sa.text("state = 'planned'"), postgresql_where=sa.text("state = 'planned'"))
    op.drop_table("effect")
    op.drop_index("ix_orders_shop_id_number", table_name="orders")
    op.drop_table("orders")
    op.drop_table("suppression")
    op.drop_index("ix_inbound_waiting", table_name="inbound", sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'"))
    op.drop_index("ix_inbound_shop_id_order_ref", table_name="inbound")
    op.drop_table("inbound")
    op.drop_index("ix_event_shop_id_order_ref", table_name="event")
    op.drop_table("event")
    op.drop_index("ix_customer_shop_id_ref", table_name="customer")
    op.drop_table("customer")
    op.drop_table("shop")
    op.drop_table("lease")

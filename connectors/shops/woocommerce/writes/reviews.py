"""Reviews of products: https://woocommerce.github.io/woocommerce-rest-api-docs/#product-reviews

*Verified* is WooCommerce's own verdict: whether that address bought the product.
"""

from __future__ import annotations

from connectors.reading import NOTE
from connectors.shops.woocommerce.writes.api import Declined, WooApi, number
from connectors.shops.woocommerce.writes.notes import plain
from connectors.shops.writes import Done, ProductReview

TWICE = "woocommerce_rest_comment_duplicate"


def do(api: WooApi, wanted: ProductReview, reference: str) -> Done:
    """WordPress itself refuses the same words of the same person about the same product."""
    document = {
        "product_id": int(number(wanted.product_ref)),
        "review": words(wanted),
        "reviewer": wanted.author,
        "reviewer_email": wanted.email,
        "rating": wanted.rating,
        "status": "approved" if wanted.shown else "hold",
    }
    try:
        made = api.post("products/reviews", document)
    except Declined as error:
        known = find(api, wanted, reference) if error.code == TWICE else None
        if known is not None:
            return known
        raise
    return Done(made.ref("id"), f"review {made.ref('id')}, {'verified' if made.flag('verified') else 'not verified by the shop'}")


def find(api: WooApi, wanted: ProductReview, reference: str) -> Done | None:
    """Reviews carry no metadata: the same words of the same person are the same review, whatever became of it since."""
    asked = {"product": number(wanted.product_ref), "reviewer_email": wanted.email, "status": "all"}
    for review in api.pages("products/reviews", asked):
        if plain(review.note("review", NOTE)) == plain(words(wanted)) and review.count("rating") == wanted.rating:
            return Done(review.ref("id"), f"review {review.ref('id')} was there already")
    return None


def words(wanted: ProductReview) -> str:
    """A review without words is refused: then the stars themselves."""
    return wanted.text.strip() or "★" * wanted.rating

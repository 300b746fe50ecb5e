"""How to get the best out of it: two days after delivery, for products with tips or a manual. No promotion."""

from datetime import timedelta

from postventa.followups.base import FollowUp, Occasion, last_delivery
from postventa.followups.view import OrderView


class CareTips(FollowUp):
    name = "care_tips"
    after = last_delivery
    delay = timedelta(days=2)
    urgent = False

    def wanted(self, order: OrderView, occasion: Occasion) -> str:
        kept = [ref for ref in order.tips if not order.gone_back(ref)]
        return "" if kept else "no product of the order has tips or a manual"

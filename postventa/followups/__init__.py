"""The follow-ups: one folder and one line each."""

from __future__ import annotations

from postventa.followups.base import FollowUp
from postventa.followups.care_tips import CareTips
from postventa.followups.code import Code
from postventa.followups.delayed import Delayed
from postventa.followups.delivered import Delivered
from postventa.followups.delivery_failed import DeliveryFailed
from postventa.followups.order_cancelled import OrderCancelled
from postventa.followups.order_link import OrderLink
from postventa.followups.order_prepared import OrderPrepared
from postventa.followups.order_received import OrderReceived
from postventa.followups.out_for_delivery import OutForDelivery
from postventa.followups.ready_for_pickup import ReadyForPickup
from postventa.followups.ready_for_pickup_reminder import ReadyForPickupReminder
from postventa.followups.refunded import Refunded
from postventa.followups.return_approved import ReturnApproved
from postventa.followups.return_cancelled import ReturnCancelled
from postventa.followups.return_changed import ReturnChanged
from postventa.followups.return_credited import ReturnCredited
from postventa.followups.return_declined import ReturnDeclined
from postventa.followups.return_exchange import ReturnExchange
from postventa.followups.return_label import ReturnLabel
from postventa.followups.return_pickup import ReturnPickup
from postventa.followups.return_pickup_again import ReturnPickupAgain
from postventa.followups.return_proof import ReturnProof
from postventa.followups.return_received import ReturnReceived
from postventa.followups.return_requested import ReturnRequested
from postventa.followups.review_reminder import ReviewReminder
from postventa.followups.review_request import ReviewRequest
from postventa.followups.shipped import Shipped

FOLLOWUPS: dict[str, FollowUp] = {
    followup.name: followup
    for followup in (
        OrderReceived(),
        OrderPrepared(),
        Shipped(),
        OutForDelivery(),
        ReadyForPickup(),
        ReadyForPickupReminder(),
        Delivered(),
        Delayed(),
        DeliveryFailed(),
        OrderCancelled(),
        Refunded(),
        CareTips(),
        ReviewRequest(),
        ReviewReminder(),
        ReturnRequested(),
        ReturnLabel(),
        ReturnApproved(),
        ReturnChanged(),
        ReturnDeclined(),
        ReturnPickup(),
        ReturnPickupAgain(),
        ReturnProof(),
        ReturnReceived(),
        ReturnCredited(),
        ReturnCancelled(),
        ReturnExchange(),
        OrderLink(),
        Code(),
    )
}

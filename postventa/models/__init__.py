"""The ledger's tables, one noun per file. Columns are documented in docs/data-model.md."""

from postventa.models.account import Account, Invitation, Passkey, RecoveryCode, SignedIn, SignInCount, SpentChallenge
from postventa.models.app_access import InstallState, ShopToken
from postventa.models.approval import ShopApproval
from postventa.models.base import Base, assign, detached, fresh, insert_new, is_new, number, picked
from postventa.models.candidate import ShopCandidate
from postventa.models.effect import FINAL, Attempt, Effect, Lease, Link, State, Suppression
from postventa.models.event import EventRow
from postventa.models.history import ShopImport
from postventa.models.inbound import Inbound
from postventa.models.look_up import LookUp
from postventa.models.one_time_code import OneTimeCode
from postventa.models.order import Customer, Order, OrderLine, Parcel
from postventa.models.privacy import BlockedData, PrivacyCase
from postventa.models.product import Product
from postventa.models.proof import DispatchProof
from postventa.models.returns import LabelRow, ReturnCase, ReturnPhoto, ReturnPolicy
from postventa.models.review import RecoveryCase, Review, ReviewPhoto
from postventa.models.shop import Shop
from postventa.models.tracking import CarrierAccount, LabelTracking, LaneRow, ScanRow, Tracking
from postventa.models.visit import ShopVisit
from postventa.models.watch import Alarm, AuditEntry
from postventa.models.withdrawal import Withdrawal

__all__ = [
    "FINAL",
    "Account",
    "Alarm",
    "Attempt",
    "AuditEntry",
    "Base",
    "BlockedData",
    "CarrierAccount",
    "Customer",
    "DispatchProof",
    "Effect",
    "EventRow",
    "Inbound",
    "InstallState",
    "Invitation",
    "LabelRow",
    "LabelTracking",
    "LaneRow",
    "Lease",
    "Link",
    "LookUp",
    "OneTimeCode",
    "Order",
    "OrderLine",
    "Parcel",
    "Passkey",
    "PrivacyCase",
    "Product",
    "RecoveryCase",
    "RecoveryCode",
    "ReturnCase",
    "ReturnPhoto",
    "ReturnPolicy",
    "Review",
    "ReviewPhoto",
    "ScanRow",
    "Shop",
    "ShopApproval",
    "ShopCandidate",
    "ShopImport",
    "ShopToken",
    "ShopVisit",
    "SignInCount",
    "SignedIn",
    "SpentChallenge",
    "State",
    "Suppression",
    "Tracking",
    "Withdrawal",
    "assign",
    "detached",
    "fresh",
    "insert_new",
    "is_new",
    "number",
    "picked",
]

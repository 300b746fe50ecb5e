"""A shop's rules for returns: data that merchants write (`document.py`), and what they say of one return (`explain`)."""

from postventa.returns.policy.decide import explain
from postventa.returns.policy.decision import Asked, Decision, LineDecision, Verdict, Why
from postventa.returns.policy.document import Policy
from postventa.returns.policy.facts import Facts, LineFacts
from postventa.returns.policy.read import BadPolicy, Checked, check, read
from postventa.returns.policy.said import Finding

__all__ = [
    "Asked",
    "BadPolicy",
    "Checked",
    "Decision",
    "Facts",
    "Finding",
    "LineDecision",
    "LineFacts",
    "Policy",
    "Verdict",
    "Why",
    "check",
    "explain",
    "read",
]

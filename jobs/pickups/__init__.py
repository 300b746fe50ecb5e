"""Parcels of returns that are fetched at their customers' doors.

What was agreed on stands with the return (`postventa/returns/appointment.py`); what the carrier is asked are effects of the ledger, done once
(`carry.py`): ordering, asking whether it comes, calling off. A shop that fetches by itself has a list (`/returns-desk/pickups`).
"""

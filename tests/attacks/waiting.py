"""Attacks of the promises that cannot be played yet, or only in part: what waits for which piece of work.

An attack that is in part here and in part in a test is in both. Whoever builds the piece writes the test and takes the line out.
"""

WAITING: dict[str, str] = {
    "S11": "wording edited in the dashboard, each change in the audit; the language itself is tested",
    "S14": "CSV export: cells that begin like a formula",
    "S18": "replays in the dashboard; forms of customers and of staff, refunds among them, and one-click unsubscribing are tested",
    "S20": "gift cards and notes that two people give at once; refunds, statements of withdrawal, returns, changes and labels are tested",
    "S24": "export of a customer's data to an address that was proven; erasing is tested",
    "S25": "a scan of the dependencies for known holes, before each release; pins, hashes and the service's own checks are tested",
}

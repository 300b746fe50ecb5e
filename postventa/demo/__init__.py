"""The demonstration: recorded deliveries of two shops played through the real service, and what came of them.

Nothing is simulated but the shops, the clock and the customers' mailboxes: the service runs as its own process tree, deliveries come in
by HTTP with real signatures, customers open the links of mails that were really written, and in the end everything is held against
`data/expected.tsv`.
"""

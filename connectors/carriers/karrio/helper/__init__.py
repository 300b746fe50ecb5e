"""The process that has karrio, and nothing of ours but the HTTP door. Only `postventa.runtime.carriers_helper` loads this.

It forks for each question: a child takes it, asks the carrier, answers and ends. So nothing of a question outlives it, keys least of all; one that
hangs or crashes is nobody else's trouble; and at most `server.AT_ONCE` are at work.
"""

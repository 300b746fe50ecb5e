"""Withdrawing from a contract (TRLGDCU, arts. 68 to 79 and 102 to 108; Directive 2011/83/EU, arts. 9 to 16): rules, words, and the statements."""

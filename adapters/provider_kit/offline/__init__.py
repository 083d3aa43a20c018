"""Money that no machine sees: cash, cheques, transfers to an account that has no public API.

Nobody is called. The payer is told what to pay where, and under which code; a person says whether
it came. Folders of this family are thin: a name, a place, and what is asked of a proof.
"""

"""Services that are given at places and online as well: who reaches them how, and what moving them online changes."""

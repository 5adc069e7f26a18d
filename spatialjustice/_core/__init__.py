"""Shared ground of every room: errors, findings, ledger, provenance and files."""

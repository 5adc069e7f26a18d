"""Results of a place too large for one table and one page: tables square by square, a page for each district."""

from spatialjustice.study.outputs.parts import pages, tables

__all__ = ["pages", "tables"]

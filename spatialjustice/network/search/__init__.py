"""Shortest-path kernels: arrays in, arrays out."""

"""Proofreading: find the figures in a text that a person wrote, and hold them against the computed ones."""

"""The commands of the command line: their options, what they print and what they leave behind.

This imports none of them: each takes long to import what it alone needs.
"""

"""Backends: the implementations under test, one adapter for each framework."""

"""Hunts for planted faults, and for false alarms: how they run, and the tables that they leave."""

"""What stands behind the pytest plugin: the choice of backends, the message, the records."""

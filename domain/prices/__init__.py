"""What models cost, by list price."""

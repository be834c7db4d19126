"""What the Anomalies page is made of."""

"""What the scripts that train, export and measure the mention model share."""

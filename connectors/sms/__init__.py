"""Short messages (SMS) out, through the county's provider."""

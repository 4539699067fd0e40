"""The worker: claims delivery orders and works through them."""

"""What a customer's IT admin does behind a setup link; pages and JSON are its two doors."""

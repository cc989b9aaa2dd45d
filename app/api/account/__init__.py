"""The account portal as JSON, with the access token of the person whose account it is."""

"""How long parcels travel, and when one will be there: figures without a database."""

"""The store in PostgreSQL. It owns the tables, the migrations and the connection pools."""

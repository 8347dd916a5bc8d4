"""What is kept in notebooks: made of a library's own words, compared with it later, and written as documents."""

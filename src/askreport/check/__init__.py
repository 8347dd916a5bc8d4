"""The check of a draft: every quotation in it is looked for in all documents."""

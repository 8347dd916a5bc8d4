"""What describes a document as a source, its citations in CSL styles, and its records for reference managers.

Owns the Typst compiler, which has the CSL processor and the styles. Knows no store: whoever has a document and its
corrections asks.
"""

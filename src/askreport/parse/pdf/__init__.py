"""PDF: pages become lines, lines become paragraphs, paragraphs become a Document. Scans go through OCR."""

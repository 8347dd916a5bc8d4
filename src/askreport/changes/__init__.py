"""Changes to a library: documents are added, replaced and deleted, as jobs that can be followed.

``folder`` and ``postgres`` each do this for one kind of library. They share the staging of uploads.
"""

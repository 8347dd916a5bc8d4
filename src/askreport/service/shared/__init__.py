"""What the routes of the API and of the pages share: dependencies, the gate, paging and uploads."""

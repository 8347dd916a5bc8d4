"""The JSON API, the two protocols that other programs speak (MCP and OpenAI's), and their description."""

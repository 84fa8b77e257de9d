"""Asterisk as the rest of the house sees it: ARI over HTTP and WebSocket, typed events, handles."""

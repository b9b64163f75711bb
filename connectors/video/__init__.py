"""Video calls (云导办): the pages' lines to each other over our own WebSocket, ICE servers, recordings in parts."""

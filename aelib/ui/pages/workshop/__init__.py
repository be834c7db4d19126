"""Parts of the Workshop page: opening and joining a room, leading it, taking part in it, and the projector."""

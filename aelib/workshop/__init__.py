"""Rooms: a leader, participants, and what the leader shows and sends them. Plain data in the store, above runs."""

from aelib.workshop.room import Freeze, Offer, Participant, Room, Spotlight
from aelib.workshop.rooms import Refused, Rooms

__all__ = ["Freeze", "Offer", "Participant", "Refused", "Room", "Rooms", "Spotlight"]

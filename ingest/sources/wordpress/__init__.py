"""WordPress over its REST API: saved documents, and live sites."""

NEEDS_HELD = True

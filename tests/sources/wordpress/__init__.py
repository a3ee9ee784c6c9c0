"""The WordPress kind: saved documents as data, live sites against a site in memory."""

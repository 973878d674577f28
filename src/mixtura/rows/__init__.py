"""The same model for rows of several features: only what depends on d lives here."""

"""PostHog's insights, as clients of that system ask for them: one organisation is one project."""

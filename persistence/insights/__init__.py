"""Insights: the events they count, the engines that compute them, and what is saved of them."""

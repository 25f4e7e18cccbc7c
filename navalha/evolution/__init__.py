"""The Evolution API at the edge: past this package there are our words only. Knows no Django.

`client` asks (EvolutionClient), `events` understands what it tells by webhook; `types` and `errors` are the words of
both.
"""

"""A pretend Evolution API 2.3.6 and pretend WhatsApp phones, for the demo and the tests. Knows no Django.

Layers, lowest first: `shapes` (pure forms) · `switches`, `store` · `world` (all state) · `webhooks` (what goes out) ·
`connection`, `outbound`, `inbound` (what happens) · `api_*`, `control` (HTTP doors) · `app`, `server` (assembly).
Run it with `python -m navalha.simulator`; in tests use `navalha.simulator.testing.running_simulator`.
"""

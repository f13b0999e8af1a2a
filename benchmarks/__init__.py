"""How much time the plugin costs: ``python -m benchmarks`` prints the tables of ``docs/performance.md``."""

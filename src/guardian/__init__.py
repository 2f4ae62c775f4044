"""The second reader of a plan. Its room stands; who lives in it is built with remediation in full (see docs/architecture.md)."""

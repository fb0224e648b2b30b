"""A Deployment for tests of going live: routes that leave, terms of supervision, open switches."""

from __future__ import annotations

SUPERVISION = """\
  supervision:
    modes: {modes}
    answer_within: 3m
    asked_again_after: 30m
    price_move_bps: 30
    route: {route}
"""
GOING_LIVE = """\
  going_live:
    supervised: {ran: 2h, unchanged: 1h, quiet: 1h, fills: 2}
    canary: {ran: 2h, unchanged: 1h, quiet: 1h, fills: 2}
    full: {ran: 2h, unchanged: 1h, quiet: 1h, fills: 2}
    silence: 10m
    fee_above_bps: 2
    brake_tried: 30d
    key_age: 83d
"""


def deployment(
    stage: str = "supervised",
    mode: str = "live",
    modes: str = "[live]",
    route: str = "desk",
    more: str | None = None,
) -> str:
    """The document; `more` stands in for the terms of trust, and may be nothing."""
    terms = SUPERVISION.format(modes=modes, route=route) + GOING_LIVE if more is None else more
    return f"""
kind: Deployment
metadata: {{name: account, description: For a test.}}
spec:
  mode: {mode}
  venue: coinbase
  account: {{name: main}}
  read_only: false
  live_enabled: true
  stage: {stage}
  numeraire: USD
  rates: {{}}
  equity_planned_usd: [5000, 50000]
  holdings_not_ours: ignore
  unpriced: block
  liquidate_into: USD
  fees: {{maker_bps: 40, taker_bps: 60}}
  regime:
    reference: BTC-USD
    crash_when: change_pct("60m") <= params.a
    bear_when: change_pct("24h") <= params.b
    bull_when: change_pct("24h") >= params.c
    params: {{a: -8, b: -4, c: 4}}
  paper:
    cash: {{USD: 10000}}
    any_product:
      base_increment: 0.00000001
      price_increment: 0.01
      base_min_size: 0.00000001
      quote_min_size: 1
  alerting:
    routes:
      desk: {{through: apprise, secret: DESK, timeout: 5s, escalates_to: pager}}
      pager: {{through: apprise, secret: PAGER, timeout: 5s}}
      second: {{through: log}}
    look_every: 2s
    group: {{wait: 1s, lines: 20}}
    retry: {{first: 1s, most: 1m}}
    give_up_after: 15m
    test_every: 30d
{terms}"""

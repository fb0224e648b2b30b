"""Buys the product that has risen most beyond the middle of all of them, if it is one of many."""

from statistics import median

from engine.model.proposals import Context, Proposal

HOUR = 'change_pct("60m")'


def propose(context: Context) -> list[Proposal]:
    """One proposal at most: the strongest, more convinced the further it is ahead."""
    told = [(each.number(HOUR), each.symbol) for each in context.candidates]
    known = sorted((rise, symbol) for rise, symbol in told if rise is not None)
    if len(known) < context.params["least_products_count"]:
        return []
    rise_pct, symbol = known[-1]
    ahead_pct = rise_pct - median(rise for rise, _ in known)
    size_pct = context.params["size_pct"] * context.params["regime_ratio"]
    if ahead_pct < context.params["least_ahead_pct"] or size_pct <= 0:
        return []
    conviction = min(1.0, ahead_pct / context.params["strong_ahead_pct"])
    reason = f"{ahead_pct:.2f} % ahead of the middle of {len(known)}"
    return [Proposal(symbol, conviction, size_pct, reason)]

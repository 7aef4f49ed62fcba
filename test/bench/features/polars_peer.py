"""The benchmark's features in Polars, written for its lazy engine: PARQUET -> seconds on standard output."""

import sys
import time

import polars as pl

keys = ["borrowerId", "accountId"]


def clamp(of, low, high):
    return of.clip(low, high)


def ratio(above, below):
    return pl.when(below > 0).then(above / below)


def rolling(of, how, months):
    return getattr(of, f"rolling_{how}")(months, min_samples=1).over(keys)


def before(of, months):
    return of.shift(months).over(keys)


def features():
    delay, balance = pl.col("delay"), pl.col("balance")
    utilisation = pl.col("utilisation")
    last = pl.col("before")
    late = (delay > 0).cast(pl.Float64)
    yield "days_past_due", clamp(pl.col("daysPastDue"), 0, 360)
    yield "delay_now", delay
    yield "delay_1m_ago", last
    yield "delay_3m_ago", before(delay, 3)
    for months in (3, 6, 12):
        yield f"late_months_{months}m", rolling(late, "sum", months)
    yield "late_30_months_6m", rolling((delay >= 30).cast(pl.Float64), "sum", 6)
    for months in (3, 6, 12):
        yield f"worst_delay_{months}m", rolling(delay, "max", months)
    yield "worst_delay_ever", delay.cum_max().over(keys)
    yield "delay_sum_3m", rolling(delay, "sum", 3)
    yield "delay_deviation_6m", delay.rolling_std(6, min_samples=2).over(keys)
    yield "short_lapses_12m", rolling(((delay >= 1) & (delay <= 5)).cast(pl.Float64), "sum", 12)
    yield "cures_12m", rolling(((delay == 0) & (last > 0)).cast(pl.Float64), "sum", 12)
    yield "paid_now", pl.col("amountPaid").sign() * pl.col("amountPaid").abs().log1p()
    yield "paid_of_balance_now", clamp(ratio(pl.col("amountPaid"), before(balance, 1)), 0, 2)
    yield "paid_of_due_mean_6m", rolling(clamp(ratio(pl.col("amountPaid"), pl.col("amountDue")), 0, 3), "mean", 6)
    yield "partial_payments_6m", rolling(pl.col("partialPayments"), "sum", 6)
    yield "days_before_due_mean_6m", rolling(clamp(pl.col("daysBeforeDue"), -360, 360), "mean", 6)
    yield "utilisation_now", utilisation
    yield "utilisation_mean_6m", rolling(utilisation, "mean", 6)
    yield "utilisation_max_6m", rolling(utilisation, "max", 6)
    yield "utilisation_change_3m", utilisation - before(utilisation, 3)
    yield "failed_debits_12m", rolling(pl.col("failedDebits"), "sum", 12)
    yield "channel_switches_6m", rolling(pl.col("channelSwitches"), "sum", 6)


def run(file):
    wanted = dict(features())
    rows = (
        pl.scan_parquet(file)
        .with_columns(
            delay=clamp(pl.coalesce("worstDaysPastDue", "daysPastDue"), 0, 360),
            utilisation=clamp(ratio(pl.col("balance"), pl.col("creditLimit")), -1, 3),
        )
        .with_columns(before=before(pl.col("delay"), 1))
        .select(*(of.alias(name) for name, of in wanted.items()))
        .collect()
    )
    return rows.height, len(wanted)


best = None
for _ in range(2):
    started = time.perf_counter()
    height, count = run(sys.argv[1])
    seconds = time.perf_counter() - started
    best = seconds if best is None else min(best, seconds)
print(f'{{"rows": {height}, "features": {count}, "seconds": {best}}}')

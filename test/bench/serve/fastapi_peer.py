"""The peer of `npm run bench -- serve`: FastAPI and LightGBM doing what a score does, as a team would glue it together.

usage: fastapi_peer.py train FEATURES.csv OUT HORIZONS
       fastapi_peer.py serve MODELS LOG WORKERS

POST /scores takes the body of /v1/scores and does equal work: Pydantic validates it, payments are allocated to the oldest
instalments, as many features as ours are made from the months of each account, LightGBM gives PD by horizon
(`pred_contrib` for reasons), and the decision is on the disk before it is answered. Ours classifies by every legal clock,
decides by a policy and fills a hash-chained table beside that: what is left unequal favours the peer. POST /vectors takes {"columns", "data"}.
"""

import datetime
import json
import os
import sys
import uuid

import numpy as np


def names_of(file):
    with open(file) as lines:
        return lines.readline().rstrip("\n").split(",")


def train(features, out, horizons):
    import lightgbm
    import pandas

    table = pandas.read_csv(features, low_memory=False)
    keys = ["borrowerId", "accountId", "month", "observedMonths", "eventMonth"]
    numbers = table.drop(columns=keys).select_dtypes("number")
    x = numbers.to_numpy(np.float64)
    event, seen = table["eventMonth"].to_numpy(), table["observedMonths"].to_numpy()
    os.makedirs(out, exist_ok=True)
    for horizon in range(1, horizons + 1):
        happened = (event > 0) & (event <= horizon)
        known = happened | (seen >= horizon)
        parameters = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.05, "verbose": -1, "num_threads": 2}
        lightgbm.train(parameters, lightgbm.Dataset(x[known], label=happened[known]), 150).save_model(
            os.path.join(out, f"{horizon}.txt")
        )
    with open(os.path.join(out, "columns.json"), "w") as file:
        json.dump(list(numbers.columns), file)


def application():
    from typing import Optional

    import lightgbm
    from fastapi import FastAPI
    from pydantic import BaseModel

    models, log = os.environ["PEER_MODELS"], os.environ["PEER_LOG"]
    with open(os.path.join(models, "columns.json")) as file:
        columns = json.load(file)
    place = {name: index for index, name in enumerate(columns)}
    horizons = sorted(int(name[:-4]) for name in os.listdir(models) if name.endswith(".txt"))
    boosters = [lightgbm.Booster(model_file=os.path.join(models, f"{horizon}.txt")) for horizon in horizons]
    single = {"num_threads": 1}  # a process per core: threads of their own would fight for them
    decisions = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_DSYNC, 0o600)

    class Instalment(BaseModel):
        instalmentId: str
        dueOn: datetime.date
        amountDue: float
        issuedOn: Optional[datetime.date] = None
        cancelledOn: Optional[datetime.date] = None

    class Payment(BaseModel):
        paymentId: str
        paidOn: datetime.date
        amount: float
        outcome: Optional[str] = None
        channel: Optional[str] = None

    class Account(BaseModel):
        accountId: str
        openedOn: Optional[datetime.date] = None
        product: Optional[str] = None
        creditLimit: Optional[float] = None
        instalments: list[Instalment]
        payments: list[Payment]

    class Borrower(BaseModel):
        borrowerId: str

    class Request(BaseModel):
        asOf: datetime.date
        borrower: Borrower
        accounts: list[Account]
        reasons: int = 4

    class Vectors(BaseModel):
        columns: list[str]
        data: list[list[Optional[float]]]

    def days(dates):
        return np.array([date.toordinal() for date in dates], dtype=np.float64)

    def month_ends(as_of, count=24):
        first = as_of.replace(day=1)
        if (as_of + datetime.timedelta(days=1)).day == 1:
            first = (as_of + datetime.timedelta(days=1)).replace(day=1)
        ends = []
        for _ in range(count):
            last = first - datetime.timedelta(days=1)
            ends.append(last.toordinal())
            first = last.replace(day=1)
        return np.array(ends[::-1], dtype=np.float64)

    def features_of(account, as_of, row):
        ends = month_ends(as_of)
        order = np.argsort(due := days(one.dueOn for one in account.instalments), kind="stable")
        due = due[order]
        amounts = np.array([one.amountDue for one in account.instalments])[order]
        good = [one for one in account.payments if one.outcome != "failed"]
        paid = days(one.paidOn for one in good)
        when = np.argsort(paid, kind="stable")
        paid, money = paid[when], np.array([one.amount for one in good])[when]
        owed, given = np.cumsum(amounts), np.concatenate([[0.0], np.cumsum(money)])
        total = given[np.searchsorted(paid, ends, side="right")]
        oldest = np.searchsorted(owed, total + 1e-6, side="right")
        delay = np.maximum(0.0, ends - np.append(due, np.inf)[oldest])
        delay[~np.isfinite(delay)] = 0
        billed = np.concatenate([[0.0], owed])[np.searchsorted(due, ends, side="right")]
        monthly_paid, monthly_due = np.diff(total, prepend=0.0), np.diff(billed, prepend=0.0)
        late = delay > 0
        share = np.divide(monthly_paid, monthly_due, out=np.full(len(ends), np.nan), where=monthly_due > 0)
        balance = owed[-1] - total
        series = {"delay": delay, "paid": monthly_paid, "due": monthly_due, "paid_of_due": share, "balance": balance}
        values = {"days_past_due": delay[-1], "worst_delay_ever": delay.max(), "delay_now": delay[-1]}
        for name, months in series.items():
            known = np.nan_to_num(months)
            for back in range(6):
                values[f"{name}_{back}m_ago"] = known[-1 - back]
            for window in (3, 6, 12):
                part = known[-window:]
                values[f"{name}_mean_{window}m"] = part.mean()
                values[f"{name}_max_{window}m"] = part.max()
                values[f"{name}_deviation_{window}m"] = part.std(ddof=1)
                centred = np.arange(window) - (window - 1) / 2
                values[f"{name}_slope_{window}m"] = (centred * part).sum() / (centred * centred).sum()
        for window in (3, 6, 12):
            part = delay[-window:]
            values[f"late_months_{window}m"] = late[-window:].sum()
            values[f"worst_delay_{window}m"] = part.max()
            values[f"late_30_months_{window}m"] = (part >= 30).sum()
            values[f"late_60_months_{window}m"] = (part >= 60).sum()
            values[f"short_lapses_{window}m"] = ((part >= 1) & (part <= 5)).sum()
            values[f"cures_{window}m"] = (~late[-window:] & np.append(False, late[-window:-1])).sum()
            values[f"worsening_months_{window}m"] = (np.diff(part) > 0).sum()
            values[f"zero_payment_months_{window}m"] = ((monthly_paid[-window:] == 0) & (monthly_due[-window:] > 0)).sum()
        values["delay_sum_3m"] = delay[-3:].sum()
        values["decayed_delay"] = (delay[::-1] * 0.7 ** np.arange(len(delay))).sum()
        values["late_streak"] = len(late) if late.all() else np.argmin(late[::-1])
        values["months_since_late"] = np.argmax(late[::-1]) if late.any() else np.nan
        values["failed_debits_12m"] = sum(one.outcome == "failed" for one in account.payments)
        for name, value in values.items():
            index = place.get(name)
            if index is not None:
                row[index] = value

    def predict(x):
        return np.column_stack([booster.predict(x, **single) for booster in boosters])

    def record(decision):
        os.write(decisions, json.dumps(decision).encode() + b"\n")

    app = FastAPI()

    @app.post("/scores")
    def scores(request: Request):
        x = np.full((len(request.accounts), len(columns)), np.nan)
        for row, account in zip(x, request.accounts):
            features_of(account, request.asOf, row)
        pd = predict(x)
        accounts = []
        contributions = boosters[-1].predict(x, pred_contrib=True, **single) if request.reasons > 0 else None
        for index, account in enumerate(request.accounts):
            reasons = []
            if contributions is not None:
                best = np.argsort(-contributions[index, :-1])[: request.reasons]
                reasons = [{"feature": columns[i], "contribution": float(contributions[index, i])} for i in best]
            accounts.append({"accountId": account.accountId, "pd": pd[index].tolist(), "reasons": reasons})
        answer = {"decisionId": str(uuid.uuid4()), "accounts": accounts}
        record({"request": request.model_dump(mode="json"), "answer": answer})
        return answer

    @app.post("/vectors")
    def vectors(request: Vectors):
        x = np.full((len(request.data), len(columns)), np.nan)
        given = [place.get(name) for name in request.columns]
        table = np.array(request.data, dtype=np.float64)
        for column, index in enumerate(given):
            if index is not None:
                x[:, index] = table[:, column]
        answer = {"predictions": predict(x).tolist()}
        record(answer)
        return answer

    return app


if __name__ == "__main__":
    if sys.argv[1] == "train":
        train(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        import socket

        import uvicorn

        os.environ.update(PEER_MODELS=sys.argv[2], PEER_LOG=sys.argv[3])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        print(f"http://127.0.0.1:{port}", flush=True)
        uvicorn.run(
            "fastapi_peer:application", factory=True, host="127.0.0.1", port=port, workers=int(sys.argv[4]),
            log_level="warning", access_log=False,
        )

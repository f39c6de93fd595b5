"""
A forecast that says how sure it is
===================================

How many bicycles will be hired in each of the next 24 hours? One number for each hour is an answer; a number below
which the truth lies one time in ten, and one above which it lies one time in ten, is a better one.
"""

from datetime import timedelta

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from shared_data import shared

from netlet import Forecaster

# %%
# Two years of hourly hires in Washington, D.C. An hour without a hire has no row, so a gap is a 0.

table = pl.read_parquet(shared("tables/bike_hour.parquet")).select(
    hour=pl.col("dteday").cast(pl.Datetime) + pl.duration(hours=pl.col("hr")), hires="cnt"
)
print(table.tail(3))

# %%
# The last four weeks are held back. What the model is compared with repeats the season: the hires of the same hour one
# week, or one day, before, whichever was better in training.

DAY, WEEK = 24, 7 * 24
model = Forecaster(horizon=DAY, quantiles=(0.1, 0.5, 0.9), random_state=0)
model.fit(table, time="hour", target="hires", gaps="zero", test_steps=4 * WEEK)
test = model.test()  # a forecast from every hour of the four weeks
errors, coverage = test.errors(), test.coverage()
for name, each in errors.items():
    print(f"{name:15} mean absolute error {each['mae']:5.1f} hires an hour")
print(f"in the band: {coverage:.0%} of the hours; it should be {test.nominal:.0%}")

# %%
# A week of forecasts
# -------------------
# Each of them was made at midnight, for the day that began then.

midnights = np.arange(0, WEEK, DAY) + (-test.origin[0]) % DAY
first = table["hour"].min() + timedelta(hours=int(test.origin[midnights[0]]))
hours = np.arange(WEEK) / DAY
low, middle, high = test.values[midnights].reshape(WEEK, 3).T
figure, axes = plt.subplots(figsize=(9, 3.6), layout="constrained")
axes.fill_between(hours, low, high, color="tab:blue", alpha=0.25, label="10% to 90%")
axes.plot(hours, middle, color="tab:blue", label="median")
axes.plot(hours, test.truth[midnights].ravel(), color="black", linewidth=1, label="truth")
axes.set(xlabel=f"days from {first:%Y-%m-%d}, midnight", ylabel="hires an hour", xlim=(0, 7), ylim=(0, None))
axes.set_title(f"{coverage:.0%} of the truth lies in the band, over all four weeks")
axes.legend(ncols=3)
plt.show()

# %%
# The claim of this page, checked:

assert 0.7 <= coverage <= 0.9
assert errors["this model"]["mae"] < errors["seasonal naive"]["mae"]

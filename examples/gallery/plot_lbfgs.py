"""
Where gradient descent fails and L-BFGS does not
================================================

A network with 61 weights is to follow a wave. It is large enough to do so, yet gradient descent hardly begins, whatever
its rate: the loss is a canyon, and the step that its walls allow is far too short for its floor. L-BFGS learns the
curvature from the gradients it has seen, and walks along.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize

from netlet import Dense, Input, Network

x = np.linspace(-3, 3, 200)[:, np.newaxis]
y = np.sin(3 * x) * np.exp(-(x**2) / 8)
PASSES = 1000


def network():
    return Network([Input(1), Dense(20, activation="tanh"), Dense(1)], seed=0, dtype="float64")


# %%
# A fair budget
# -------------
# Everyone may look at all samples 1,000 times, and takes one gradient from each look. Descent, momentum and Adam run
# with five rates each; the best counts.

rates = {
    "sgd": (0.1, 0.15, 0.2, 0.25, 0.3),
    "momentum": (0.02, 0.05, 0.1, 0.15, 0.2),
    "adam": (0.01, 0.02, 0.03, 0.05, 0.1),
}
names = {"sgd": "gradient descent", "momentum": "momentum", "adam": "Adam", "lbfgs": "L-BFGS"}
losses, answers = {}, {}
for optimizer, some in rates.items():
    for rate in some:
        learner = network()
        options = {"epochs": PASSES, "batch_size": "all", "progress": False, "n_threads": 1}
        found = learner.fit(x, y, optimizer=optimizer, learning_rate=rate, **options).column("loss")
        if optimizer not in losses or found[-1] < losses[optimizer][-1]:
            losses[optimizer], answers[optimizer], best_rate = found, learner.predict(x), rate
    print(f"{names[optimizer]:16}: loss {losses[optimizer][-1]:.6f}, rate {best_rate}")

# %%
# L-BFGS has no rate. An iteration takes one look, and now and then a second one or a third, where a step was too long.
# netlet counts iterations. To count looks, SciPy's L-BFGS (which netlet uses) is called here on the network's own loss
# and gradient.

learner, losses["lbfgs"] = network(), []
learner.build(1)


def look(theta):
    learner.theta = theta
    loss, gradient = learner.loss_and_gradient(x, y)
    losses["lbfgs"].append(loss)
    return loss, gradient


options = {"maxiter": 850, "maxfun": 10**6, "maxcor": 10, "maxls": 40, "ftol": 0, "gtol": 1e-5}
end = minimize(look, learner.theta.copy(), jac=True, method="L-BFGS-B", options=options)
learner = network()
history = learner.fit(x, y, optimizer="lbfgs", epochs=850, progress=False, n_threads=1)
apart = np.abs(learner.theta - end.x).max()
print(
    f"L-BFGS          : {end.nit} iterations took {end.nfev} looks; netlet's weights are {apart:g} apart from SciPy's"
)

losses["lbfgs"] = np.minimum.accumulate(losses["lbfgs"])
answers["lbfgs"] = learner.predict(x)
print(f"L-BFGS          : loss {losses['lbfgs'][-1]:.6f}")

# %%
# The canyon
# ----------
# The curvatures of the loss are the eigenvalues of its second derivatives, here from differences of gradients. A rate
# is bounded by 2 / (the largest). In a direction with a thousandth of that curvature, descent needs a thousand steps to
# come as far as in the steepest direction in one.


def gradient_at(theta):
    learner.theta = theta
    return learner.loss_and_gradient(x, y)[1]


rows = [(gradient_at(end.x + move) - gradient_at(end.x - move)) / 2e-5 for move in 1e-5 * np.eye(len(end.x))]
curvatures = np.linalg.eigvalsh((np.array(rows) + np.transpose(rows)) / 2)
flat = np.mean(np.abs(curvatures) < curvatures[-1] / 1000)
print(f"largest curvature {curvatures[-1]:.0f}; {flat:.0%} of the directions have less than a thousandth of it")

# %%
# The loss, and what was learnt
# -----------------------------

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
right.plot(x, y, color="lightgrey", linewidth=5, label="the wave")
for (optimizer, name), colour in zip(names.items(), ("tab:red", "tab:orange", "tab:green", "tab:blue"), strict=True):
    left.semilogy(losses[optimizer], color=colour, label=name)
    right.plot(x, answers[optimizer], color=colour, label=name, linewidth=1.3)
left.set(xlabel="looks at all samples", ylabel="loss", title="The best of five rates each; L-BFGS has none")
left.legend(loc="lower left")
right.set(xlabel="x", ylabel="output of the network", title=f"After {PASSES:,} looks", ylim=(-1.1, 1.9))
right.legend(loc="upper right", ncols=2)
plt.show()

# %%
# The claim of this page, checked:

assert losses["sgd"][-1] > 0.3 * np.var(y) / 2  # the loss is half the mean squared error
assert losses["lbfgs"][-1] < losses["sgd"][-1] / 300
assert losses["lbfgs"][-1] < losses["adam"][-1] / 10
assert apart < 1e-9
assert end.nfev <= PASSES
assert flat > 0.5

package org.alborz.examples.lessons;

/** An optimizer of the notes written out for one number x. */
@FunctionalInterface
interface UpdateRule {
    /**
     * Returns what is added to x.
     *
     * @param g the gradient
     * @param state two numbers that the rule keeps, 0 at first
     * @param t the step, from 1
     */
    double change(double g, double[] state, int t);

    static UpdateRule sgd(double rate) {
        return (g, state, t) -> -rate * g;
    }

    static UpdateRule momentum(double rate, double mu) {
        return (g, state, t) -> {
            state[0] = mu * state[0] - rate * g; // v = mu v - rate g
            return state[0]; // x += v
        };
    }

    static UpdateRule nesterov(double rate, double mu) {
        return (g, state, t) -> {
            double before = state[0];
            state[0] = mu * state[0] - rate * g;
            return -mu * before + (1 + mu) * state[0];
        };
    }

    static UpdateRule adagrad(double rate) {
        return (g, state, t) -> {
            state[0] += g * g; // the cache grows, so steps become shorter and shorter
            return -rate * g / (Math.sqrt(state[0]) + 1e-10);
        };
    }

    static UpdateRule rmsprop(double rate, double decay) {
        return (g, state, t) -> {
            state[0] = decay * state[0] + (1 - decay) * g * g; // the cache forgets
            return -rate * g / (Math.sqrt(state[0]) + 1e-8);
        };
    }

    static UpdateRule adam(double rate, double beta1, double beta2) {
        return (g, state, t) -> {
            state[0] = beta1 * state[0] + (1 - beta1) * g; // momentum
            state[1] = beta2 * state[1] + (1 - beta2) * g * g; // as RMSProp
            double m = state[0] / (1 - Math.pow(beta1, t)); // bias correction: both averages begin at 0
            double v = state[1] / (1 - Math.pow(beta2, t));
            return -rate * m / (Math.sqrt(v) + 1e-8);
        };
    }

    /** Returns how far the rule's path on the {@link Bowl} is from another at most. */
    default double distance(double[][] path) {
        double most = 0;
        for (int axis = 0; axis < 2; axis++) {
            double x = Bowl.START[axis];
            double steepness = axis == 0 ? 1 : Bowl.STEEP; // df/dx = x, df/dy = 20 y
            double[] state = new double[2];
            for (int t = 1; t < path[axis].length; t++) {
                x += change(steepness * x, state, t);
                most = Math.max(most, Math.abs(x - path[axis][t]));
            }
        }
        return most;
    }
}

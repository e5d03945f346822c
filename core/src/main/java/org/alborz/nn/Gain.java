package org.alborz.nn;

/** What a standard deviation of first weights is multiplied by for the activation behind a layer; as {@code torch.nn.init.calculate_gain}. */
public final class Gain {
    private Gain() {}

    /** Returns 1, for no activation and for the sigmoid. */
    public static double linear() {
        return 1;
    }

    /** Returns 5/3. */
    public static double tanh() {
        return 5.0 / 3;
    }

    /** Returns √2. */
    public static double relu() {
        return Math.sqrt(2);
    }

    /** Returns √(2 / (1 + slope²)). */
    public static double leakyRelu(double slope) {
        return Math.sqrt(2 / (1 + slope * slope));
    }

    /** Returns 3/4. */
    public static double selu() {
        return 0.75;
    }
}

package org.alborz.backend;

/** The constants of {@link UnaryOp#SELU} (Klambauer et al. 2017, "Self-Normalizing Neural Networks"). */
public final class Selu {
    public static final double LAMBDA = 1.0507009873554804934193349852946;
    public static final double ALPHA = 1.6732632423543772848170429916717;

    private Selu() {}
}

package org.alborz.backend;

/** A function of one number; {@code p} is the parameter that some of them take. */
public enum UnaryOp {
    /** −x. */
    NEGATE,
    ABS,
    /** −1, 0 or 1; NaN stays NaN. */
    SIGN,
    /** x². */
    SQUARE,
    SQRT,
    /** 1 / x. */
    RECIPROCAL,
    EXP,
    /** Natural logarithm. */
    LOG,
    SIN,
    COS,
    TANH,
    /** 1 / (1 + e⁻ˣ). */
    SIGMOID,
    /** The error function. */
    ERF,
    /** max(x, 0); NaN stays NaN. */
    RELU,
    /** x + p. */
    ADD,
    /** x · p. */
    MULTIPLY,
    /** xᵖ, as {@link BinaryOp#POWER}. */
    POWER,
    /** max(x, p); NaN stays NaN. */
    MAXIMUM,
    /** min(x, p); NaN stays NaN. */
    MINIMUM,
    /** x where x &gt; 0, else p·x. */
    LEAKY_RELU,
    /** x where x &gt; 0, else p·(eˣ − 1). */
    ELU,
    /** x·Φ(x) with Φ(x) = (1 + erf(x / √2)) / 2; 0 at −∞. */
    GELU,
    /** ln(1 + eˣ), without overflow. */
    SOFTPLUS
}

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
    SOFTPLUS,
    /** The largest whole number not above x. */
    FLOOR,
    /** The smallest whole number not below x. */
    CEIL,
    /** The nearest whole number, the even one of two. */
    ROUND,
    /** x without its fraction. */
    TRUNC,
    /** ln(1 + x), with all digits near 0. */
    LOG1P,
    /** eˣ − 1, with all digits near 0. */
    EXPM1,
    TAN,
    ASIN,
    ACOS,
    ATAN,
    SINH,
    COSH,
    ASINH,
    ACOSH,
    ATANH,
    /** x / (1 + e⁻ˣ); 0 at −∞. */
    SILU,
    /** (x + 3) / 6, but not below 0 nor above 1. */
    HARD_SIGMOID,
    /** x times the hard sigmoid of x; 0 at −∞. */
    HARD_SWISH,
    /** x·tanh(ln(1 + eˣ)); 0 at −∞. */
    MISH,
    /** λ·x where x &gt; 0, else λ·α·(eˣ − 1), with {@link Selu}'s λ and α. */
    SELU
}

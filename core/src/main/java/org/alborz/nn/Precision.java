package org.alborz.nn;

import org.alborz.text.Given;
import org.alborz.type.DType;

/**
 * The types that a model keeps its values in and computes in.
 *
 * <p>With mixed precision (Micikevicius et al. 2018) the optimizer changes float32 values, and layers compute with a copy of them in 16 bits,
 * made once after each change. Parameters of normalisations, statistics, losses, gradients and the optimizer's state stay float32. A model
 * of float16 also scales its loss ({@link LossScaler}), since float16 has no numbers as small as many gradients are.
 *
 * <p>A session of a 16-bit type is another thing: its models keep no float32 values, and lose updates of less than half of a weight's
 * last bit.
 */
public final class Precision {
    private static final Precision FULL = new Precision(null);

    private final DType computed;

    private Precision(DType computed) {
        this.computed = computed;
    }

    /** Returns the precision of models that compute in the type that they keep their values in. */
    public static Precision full() {
        return FULL;
    }

    /**
     * Returns the precision of models that keep float32 values and compute in 16 bits.
     *
     * @param computed {@link DType#BFLOAT16} or {@link DType#FLOAT16}
     */
    public static Precision mixed(DType computed) {
        if (Given.value(computed, "Precision", "a data type") != DType.BFLOAT16 && computed != DType.FLOAT16) {
            throw new IllegalArgumentException("Mixed precision expects bfloat16 or float16, got " + computed
                    + "; Precision.full() uses one type for all");
        }
        return new Precision(computed);
    }

    /** Tells whether layers compute in another type than values are kept in. */
    public boolean isMixed() {
        return computed != null;
    }

    /** Returns the type that layers compute in, or null where it is that of the session. */
    DType computed() {
        return computed;
    }

    /** Tells whether the type has too few small numbers for gradients. */
    boolean scalesLoss() {
        return computed == DType.FLOAT16;
    }

    /** Returns {@code full}, {@code mixed bfloat16} or {@code mixed float16}. */
    @Override
    public String toString() {
        return computed == null ? "full" : "mixed " + computed;
    }
}

package org.alborz.ops;

import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** Numbers in place of infinities, so that a quotient of two, or a product with 0, is not NaN. */
final class Finite {
    private static final double MOST_OF_FLOAT16 = 65504;
    private static final double MOST_OF_BFLOAT16 = 0x1.fep127;

    private Finite() {}

    /** Returns x with the largest numbers of its type in place of infinities. */
    static Tensor of(Tensor x) {
        double most = largest(x.dtype());
        return Engine.apply(new Clamp(-most, most), x);
    }

    private static double largest(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> Double.MAX_VALUE;
            case FLOAT16 -> MOST_OF_FLOAT16;
            case BFLOAT16 -> MOST_OF_BFLOAT16;
            default -> Float.MAX_VALUE;
        };
    }
}

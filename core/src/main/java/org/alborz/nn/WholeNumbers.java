package org.alborz.nn;

import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** The first values of a state of whole numbers or truth values. */
final class WholeNumbers {
    private WholeNumbers() {}

    /**
     * Writes them.
     *
     * @throws IllegalArgumentException when one is no number of the state's type
     */
    static void write(double[] values, Parameter state) {
        Tensor target = state.value();
        DType dtype = target.dtype();
        long[] whole = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            whole[i] = (long) values[i];
            // 2^63 is cast to the largest long, which as a double is 2^63 again.
            if (whole[i] != values[i] || values[i] == 0x1p63 || whole[i] < least(dtype) || whole[i] > most(dtype)) {
                throw new IllegalArgumentException("State '" + state.name() + "' expects " + dtype + ", "
                        + least(dtype) + " to " + most(dtype) + ", got " + values[i] + " at index " + i
                        + " of its first values; correct its initializer");
            }
        }
        Session session = target.session();
        try (Scope scope = session.scope("first values")) {
            target.assign(session.tensor(whole, target.shape()).to(dtype));
        }
    }

    private static long least(DType dtype) {
        return switch (dtype) {
            case INT32 -> Integer.MIN_VALUE;
            case INT64 -> Long.MIN_VALUE;
            case UINT8, BOOL -> 0;
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> throw new IllegalArgumentException(dtype + " is not whole");
        };
    }

    private static long most(DType dtype) {
        return switch (dtype) {
            case INT32 -> Integer.MAX_VALUE;
            case INT64 -> Long.MAX_VALUE;
            case UINT8 -> 255;
            case BOOL -> 1;
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> throw new IllegalArgumentException(dtype + " is not whole");
        };
    }
}

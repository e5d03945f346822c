package org.alborz.nn;

import java.util.Arrays;
import org.alborz.ops.Engine;
import org.alborz.ops.OneHot;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** The outputs that losses are computed from, and the constants that they need, filled on the device so that a step can be captured. */
final class LossInput {
    private LossInput() {}

    /** Returns an output of 16 bits of a model with mixed precision in float32, its session's type; others as they are. */
    static Tensor of(Tensor output) {
        return output.to(typeOf(output));
    }

    /** Returns the type of {@link #of}. */
    static DType typeOf(Tensor output) {
        DType own = output.session().dtype();
        return output.dtype().accumulator() == own ? own : output.dtype();
    }

    /** Returns an output in the type that sums are computed in: of 16 bits as float32. */
    static Tensor wide(String loss, Tensor output) {
        if (!Given.value(output, loss, "a tensor").dtype().isFloating()) {
            throw new IllegalArgumentException(loss + " expects floating outputs, got " + output.describe());
        }
        return output.to(output.dtype().accumulator());
    }

    /** Returns a scalar. */
    static Tensor scalar(Session session, DType type, double value) {
        return session.empty(type, Layout.rowMajor(Shape.scalar())).fill(value);
    }

    /** Returns a vector of the given numbers. */
    static Tensor vector(Session session, DType type, double... values) {
        Tensor vector = session.empty(type, Layout.rowMajor(Shape.of(values.length)));
        for (int i = 0; i < values.length; i++) {
            vector.narrow(0, i, 1).fill(values[i]);
        }
        return vector;
    }

    /** Returns factor·x, and 0 where the factor is 0, even if x is infinite or NaN there. */
    static Tensor weighted(Tensor factor, Tensor x) {
        return Tensor.where(factor.ne(0), factor.mul(x), scalar(x.session(), x.dtype(), 0));
    }

    /** Returns the element of each row {@code [N, C]} that its label {@code [N]} names, as {@code [N, 1]}. */
    static Tensor own(Tensor rows, Tensor labels) {
        return Tensor.where(isOwn(rows, labels), rows, scalar(rows.session(), rows.dtype(), 0))
                .sum(true, 1);
    }

    /** Returns whether an element of rows {@code [N, C]} is the one that its row's label {@code [N]} names. */
    static Tensor isOwn(Tensor rows, Tensor labels) {
        return Engine.apply(new OneHot(rows.shape().size(1), DType.BOOL), labels);
    }

    /** Refuses logits and class labels that do not fit: {@code [N, …, C]} and {@code [N, …]} of int32 or int64. */
    static void requireClasses(String loss, String outputs, Tensor logits, Tensor labels) {
        int rank = logits.shape().rank();
        boolean whole = labels.dtype() == DType.INT32 || labels.dtype() == DType.INT64;
        boolean fits = rank >= 2 && whole && labels.shape().rank() == rank - 1;
        for (int i = 0; fits && i < rank - 1; i++) {
            fits = logits.shape().size(i) == labels.shape().size(i);
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    loss + " expects " + outputs + " [N, …, C] and labels [N, …] of int32 or int64, got " + outputs
                            + " " + logits.describe() + " and labels " + labels.describe());
        }
    }

    /** Refuses tensors of other shapes than the first one's. */
    static void requireAlike(String loss, String names, Tensor first, Tensor... others) {
        for (Tensor other : others) {
            if (!other.shape().equals(first.shape())) {
                throw new IllegalArgumentException(loss + " expects " + names + " of one shape, got " + first.describe()
                        + " and " + other.describe());
            }
        }
    }

    /** Refuses a number that is not finite and at least 0. */
    static void requireAtLeast0(String loss, String setting, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(loss + " expects a finite " + setting + " of at least 0, got " + value);
        }
    }

    /** Refuses a number that is not finite and above 0. */
    static void requirePositive(String loss, String setting, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(loss + " expects a finite " + setting + " above 0, got " + value);
        }
    }

    /** Refuses weights that are not finite and at least 0, and returns a copy. */
    static double[] weights(String setting, double... weights) {
        for (double weight : Given.value(weights, setting, "weights")) {
            if (!(weight >= 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException(
                        setting + " expects finite numbers of at least 0, got " + Arrays.toString(weights));
            }
        }
        return weights.clone();
    }

    /** Refuses another number of weights than there are classes. */
    static void requireWeightOfEach(String setting, int classes, double... weights) {
        if (classes != weights.length) {
            throw new IllegalArgumentException(
                    setting + " expects a weight for each of " + classes + " classes, got " + weights.length);
        }
    }
}

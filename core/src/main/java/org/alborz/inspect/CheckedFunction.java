package org.alborz.inspect;

import java.util.List;
import org.alborz.tensor.Tensor;

/** A number as a function of tensors, with its gradients. */
interface CheckedFunction {
    /** Returns what the tensors are called. */
    List<String> names();

    /** Returns the tensors, whose values may be changed. */
    List<Tensor> tensors();

    double value(boolean training, long seed);

    /** Returns the gradient of each tensor in row-major order. */
    double[][] gradients(boolean training, long seed);

    /** Gives the states of what is computed their values back when it is closed. */
    Restored keepStates();

    /** What is undone. */
    interface Restored extends AutoCloseable {
        @Override
        void close();
    }

    /** Returns the value of a loss; refuses what is no finite number. */
    static double finite(Tensor loss) {
        if (loss.shape().elements() != 1) {
            throw new IllegalArgumentException("GradientCheck expects a loss with one element, got " + loss.describe()
                    + "; reduce it with mean() or sum()");
        }
        double value = loss.item();
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    "GradientCheck expects a finite value, got " + value + "; check it at inputs where it is finite");
        }
        return value;
    }
}

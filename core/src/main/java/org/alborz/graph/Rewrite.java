package org.alborz.graph;

import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.ops.BatchNormInference;
import org.alborz.ops.Binary;
import org.alborz.ops.Conv2dOp;
import org.alborz.ops.LinearOp;
import org.alborz.ops.Op;
import org.alborz.ops.Relu6;
import org.alborz.ops.Unary;
import org.alborz.type.Activation;

/** A rule that does two operations of a graph as one; users and backends may have rules of their own, with {@code CustomOp}s. */
@FunctionalInterface
public interface Rewrite {
    /**
     * Returns a step that gives the second's results, or null where the rule does not fit.
     *
     * @param first the step whose only result the second reads, and nothing else
     * @param second the step to replace; the new one has its results and effect, and reads what was computed before it
     */
    Step merge(Step first, Step second);

    /** Does a rectifier with the convolution, product or normalisation before it. */
    static Rewrite activations() {
        return (first, second) -> {
            Activation activation;
            if (second.op() instanceof Relu6) {
                activation = Activation.RELU6;
            } else if (second.op() instanceof Unary unary && unary.op() == UnaryOp.RELU) {
                activation = Activation.RELU;
            } else {
                return null;
            }
            Op op = null;
            if (first.op() instanceof Conv2dOp c && c.activation() == Activation.NONE) {
                op = new Conv2dOp(c.p(), activation);
            } else if (first.op() instanceof LinearOp l && l.activation() == Activation.NONE) {
                op = new LinearOp(activation);
            } else if (first.op() instanceof BatchNormInference n && n.activation() == Activation.NONE) {
                op = new BatchNormInference(activation);
            }
            if (op == null) {
                return null;
            }
            return second.as(op, first.inputs());
        };
    }

    /** Does an addition, such as that of a shortcut, with the convolution before it. */
    static Rewrite additions() {
        return (first, second) -> {
            boolean fits = second.op().equals(Binary.of(BinaryOp.ADD))
                    && first.op() instanceof Conv2dOp c
                    && c.activation() == Activation.NONE
                    && (first.inputs().size() < 4 || first.inputs().get(3) == null);
            if (!fits) {
                return null;
            }
            Value result = first.results().get(0);
            Value addend = second.input(second.input(0).equals(result) ? 1 : 0);
            if (addend.equals(result) || !addend.shape().equals(result.shape())) {
                return null;
            }
            return second.as(first.op(), first.input(0), first.input(1), first.input(2), addend);
        };
    }
}

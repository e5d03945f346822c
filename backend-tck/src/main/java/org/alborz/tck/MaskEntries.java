package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import org.alborz.backend.Comparison;
import org.alborz.ops.ArgMin;
import org.alborz.ops.Compare;
import org.alborz.ops.Logic;
import org.alborz.ops.Quantify;
import org.alborz.type.Shape;

/** Comparisons, the logic of what they give, and where the smallest number is; none has a gradient. */
final class MaskEntries {
    private static final double NAN = Double.NaN;
    private static final double INF = Double.POSITIVE_INFINITY;

    private MaskEntries() {}

    static List<OpEntry> all() {
        List<OpEntry> entries = new ArrayList<>();
        for (Comparison op : Comparison.values()) {
            entries.add(compare(op));
        }
        for (Logic.Connective connective : Logic.Connective.values()) {
            entries.add(logic(connective));
        }
        for (Quantify.Quantifier quantifier : Quantify.Quantifier.values()) {
            entries.add(quantify(quantifier));
        }
        entries.add(argMin());
        return entries;
    }

    private static OpEntry compare(Comparison op) {
        DoubleBinaryOperator oracle = oracle(op);
        HostArray a = BinarySpecials.each(BinarySpecials.EVERYWHERE);
        HostArray b = BinarySpecials.other(BinarySpecials.EVERYWHERE);
        OpEntry.TensorFunction function = in -> in[0].apply(op, in[1]);
        OpEntry entry = OpEntry.of("compare " + op, 2, function, in -> HostArray.broadcast(oracle, in[0], in[1]))
                .covering(op, Compare.class)
                .watching()
                .atSpecialValues(
                        List.of(SpecialCase.of("every pair", function, HostArray.broadcast(oracle, a, b), a, b)));
        return onPairs(entry);
    }

    /** Adds pairs of all ways to broadcast, and of odd lengths. */
    private static OpEntry onPairs(OpEntry entry) {
        OpEntry all = entry;
        for (Shape[] shapes : BinaryEntries.BROADCAST) {
            all = all.on(sample(shapes[0], shapes[1]), sample(shapes[1], shapes[0]));
        }
        for (int length : BinaryEntries.LENGTHS) {
            all = all.on(sample(Shape.of(length), Shape.of(length)));
        }
        return all.on(sample(Shape.of(2, 3, 4, 5), Shape.of(2, 3, 4, 5)));
    }

    /** Multiples of 1/4, with ties. */
    private static Sample sample(Shape a, Shape b) {
        return Sample.smooth(
                HostArray.uniform(21, -1, 1, a).map(x -> Math.rint(4 * x) / 4),
                HostArray.uniform(22, -1, 1, b).map(x -> Math.rint(4 * x) / 4));
    }

    private static DoubleBinaryOperator oracle(Comparison op) {
        return switch (op) {
            case EQUAL -> (a, b) -> a == b ? 1 : 0;
            case NOT_EQUAL -> (a, b) -> a == b ? 0 : 1;
            case LESS -> (a, b) -> a < b ? 1 : 0;
            case LESS_EQUAL -> (a, b) -> a <= b ? 1 : 0;
            case GREATER -> (a, b) -> a > b ? 1 : 0;
            case GREATER_EQUAL -> (a, b) -> a >= b ? 1 : 0;
        };
    }

    private static OpEntry logic(Logic.Connective connective) {
        OpEntry.TensorFunction function = in -> switch (connective) {
            case AND -> in[0].gt(0).and(in[1].gt(0));
            case OR -> in[0].gt(0).or(in[1].gt(0));
            case XOR -> in[0].gt(0).xor(in[1].gt(0));
        };
        DoubleBinaryOperator oracle = (a, b) -> {
            boolean x = a > 0;
            boolean y = b > 0;
            return (switch (connective) {
                        case AND -> x && y;
                        case OR -> x || y;
                        case XOR -> x != y;
                    })
                    ? 1
                    : 0;
        };
        HostArray a = HostArray.vector(1, 1, -1, -1, NAN, INF);
        HostArray b = HostArray.vector(1, -1, 1, -1, INF, NAN);
        return onPairs(OpEntry.of("logic " + connective, 2, function, in -> HostArray.broadcast(oracle, in[0], in[1]))
                .covering(connective, Logic.class)
                .watching()
                .atSpecialValues(
                        List.of(SpecialCase.of("every pair", function, HostArray.broadcast(oracle, a, b), a, b))));
    }

    private static OpEntry quantify(Quantify.Quantifier quantifier) {
        boolean any = quantifier == Quantify.Quantifier.ANY;
        OpEntry.TensorFunction function =
                in -> any ? in[0].gt(0).any(true, 1) : in[0].gt(0).all(true, 1);
        OpEntry.Oracle oracle = in -> any
                ? in[0].map(x -> x > 0 ? 1 : 0).reduce(0, Math::max, 1)
                : in[0].map(x -> x > 0 ? 1 : 0).reduce(1, Math::min, 1);
        HostArray x = HostArray.of(Shape.of(3, 2), NAN, INF, NAN, NAN, INF, 1);
        OpEntry entry = OpEntry.of(any ? "any" : "all", 1, function, oracle)
                .covering(quantifier, Quantify.class)
                .watching()
                .atSpecialValues(List.of(SpecialCase.of("NaN", function, oracle.apply(x), x)));
        for (Shape shape : new Shape[] {
            Shape.of(40, 3, 5),
            Shape.of(3, 0, 2),
            Shape.of(0, 3),
            Shape.of(17, 1),
            Shape.of(2, 1031),
            Shape.of(5, 2, 3, 4)
        }) {
            // Few of one kind, so that both results come up.
            double middle = any ? -0.6 : 0.6;
            entry = entry.on(Sample.smooth(HostArray.uniform(23, -1, 1, shape).map(v -> v + middle)));
        }
        return entry;
    }

    private static OpEntry argMin() {
        OpEntry.TensorFunction function = in -> in[0].argMin(1);
        HostArray x = HostArray.of(Shape.of(4, 3), 1, NAN, -INF, INF, INF, INF, 0, -0.0, 0, 2, 1, 1);
        OpEntry entry = OpEntry.of("argMin", 1, function, MaskEntries::smallest)
                .covering(ArgMin.class)
                .watching()
                .atSpecialValues(
                        List.of(SpecialCase.of("infinities, NaN, ties", function, HostArray.vector(1, 0, 0, 1), x)));
        for (Shape shape :
                new Shape[] {Shape.of(4, 3), Shape.of(3, 33, 2), Shape.of(2, 1031), Shape.of(0, 3), Shape.of(2, 3, 4, 5)
                }) {
            entry = entry.on(Sample.smooth(HostArray.distinct(24, shape)));
        }
        return entry;
    }

    private static HostArray smallest(HostArray... in) {
        HostArray x = in[0];
        return HostArray.compute(x.shape().remove(1), i -> {
            int[] at = new int[x.shape().rank()];
            at[0] = i[0];
            System.arraycopy(i, 1, at, 2, i.length - 1);
            int best = 0;
            double smallest = Double.POSITIVE_INFINITY;
            for (int k = 0; k < x.shape().size(1); k++) {
                at[1] = k;
                if (x.at(at) < smallest) {
                    best = k;
                    smallest = x.at(at);
                }
            }
            return best;
        });
    }
}

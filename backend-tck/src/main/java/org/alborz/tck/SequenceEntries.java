package org.alborz.tck;

import java.util.ArrayList;
import java.util.List;
import org.alborz.ops.AttentionOp;
import org.alborz.ops.Engine;
import org.alborz.ops.GruGates;
import org.alborz.ops.LstmGates;
import org.alborz.ops.SelfAttention;
import org.alborz.ops.Unbind;
import org.alborz.tensor.Tensor;
import org.alborz.type.AttentionParameters;
import org.alborz.type.Shape;

/** What recurrent nets and transformers are made of. */
final class SequenceEntries {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;

    private SequenceEntries() {}

    static List<OpEntry> all() {
        List<OpEntry> entries = new ArrayList<>(List.of(unbind(0), unbind(1), lstm(), gru()));
        entries.addAll(LstmChecks.entries());
        entries.add(CtcChecks.entry());
        entries.add(attention("attention", AttentionParameters.defaults(), Mask.NONE));
        entries.add(attention("causal attention", AttentionParameters.ofCausal(), Mask.NONE));
        entries.add(attention("attention with a mask", new AttentionParameters(false, 0.75), Mask.BOOL));
        entries.add(attention("causal attention with an added mask", AttentionParameters.ofCausal(), Mask.ADDED));
        entries.add(selfAttention("causal self-attention", AttentionParameters.ofCausal(), Mask.NONE));
        entries.add(selfAttention("self-attention with a mask", new AttentionParameters(false, 0.75), Mask.BOOL));
        return entries;
    }

    /** The slices in the opposite order side by side, each times a number of its own so that they are told apart. */
    private static OpEntry unbind(int axis) {
        OpEntry.TensorFunction function = in -> {
            List<Tensor> slices = in[0].unbind(axis);
            Tensor[] parts = new Tensor[slices.size()];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = slices.get(parts.length - 1 - i).mul(i + 1);
            }
            return Tensor.stack(0, parts);
        };
        OpEntry.Oracle oracle = in -> {
            HostArray x = in[0];
            int count = x.shape().size(axis);
            return HostArray.compute(x.shape().remove(axis).insert(0, count), i -> {
                int[] at = new int[i.length];
                System.arraycopy(i, 1, at, 0, axis);
                at[axis] = count - 1 - i[0];
                System.arraycopy(i, 1 + axis, at, axis + 1, i.length - 1 - axis);
                return (i[0] + 1) * x.at(at);
            });
        };
        HostArray special = HostArray.of(Shape.of(2, 2), INF, NAN, -0.0, 1);
        HostArray dy = HostArray.of(Shape.of(2, 2), 1, 2, 3, 4);
        HostArray first =
                axis == 0 ? HostArray.of(Shape.of(2, 2), 6, 8, 1, 2) : HostArray.of(Shape.of(2, 2), 6, 1, 8, 2);
        OpEntry entry = OpEntry.of("unbind along axis " + axis, 1, function, oracle)
                .covering(Unbind.class)
                .within(Tolerance.rounded())
                .atSpecialValues(List.of(SpecialCase.of("infinity, NaN", function, oracle.apply(special), special)
                        .withGradients(dy, first)
                        .withoutSecond()));
        for (Shape shape : new Shape[] {Shape.of(3, 2), Shape.of(4, 3, 5), Shape.of(1, 1), Shape.of(2, 3, 0)}) {
            entry = entry.on(Sample.smooth(HostArray.uniform(91, -1, 1, shape)));
        }
        return entry.on(Sample.forward(HostArray.uniform(91, -1, 1, Shape.of(33, 17, 3))));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Both states side by side. */
    private static OpEntry lstm() {
        OpEntry.TensorFunction function = in -> {
            Tensor[] results = Engine.applyAll(LstmGates.INSTANCE, LstmGates.RESULTS, in);
            return Tensor.concat(1, results[0], results[1]);
        };
        OpEntry.Oracle oracle = in -> {
            int hidden = in[2].shape().size(1);
            HostArray sums = HostArray.broadcast(Double::sum, in[0], in[1]);
            return HostArray.compute(in[2].shape().with(1, 2 * hidden), i -> {
                int h = i[1] % hidden;
                double input = sigmoid(sums.at(i[0], h));
                double forget = sigmoid(sums.at(i[0], hidden + h));
                double candidate = Math.tanh(sums.at(i[0], 2 * hidden + h));
                double output = sigmoid(sums.at(i[0], 3 * hidden + h));
                double cell = forget * in[2].at(i[0], h) + input * candidate;
                return i[1] < hidden ? output * Math.tanh(cell) : cell;
            });
        };
        HostArray x = HostArray.of(Shape.of(1, 4), 0, 0, INF, 0);
        HostArray h = HostArray.of(Shape.of(1, 4), -INF, INF, 1, 0);
        HostArray c = HostArray.of(Shape.of(1, 1), 0);
        // Input shut, forget open, candidate 1, output half; the cell state passes with slope o = 1/2.
        HostArray dy = HostArray.of(Shape.of(1, 2), 2, 3);
        HostArray gates = HostArray.of(Shape.of(1, 4), 0, 0, 0, 0);
        OpEntry entry = OpEntry.of("LSTM gates", 3, function, oracle)
                .covering(LstmGates.class)
                .within(new Tolerance(2e-6, 1e-13, false))
                .atSpecialValues(List.of(
                        SpecialCase.of("gates shut and open", function, HostArray.of(Shape.of(1, 2), 0, 0), x, h, c)
                                .withGradients(dy, gates, gates, HostArray.of(Shape.of(1, 1), 4)),
                        SpecialCase.of(
                                "NaN",
                                function,
                                HostArray.of(Shape.of(1, 2), NAN, NAN),
                                HostArray.of(Shape.of(1, 4), NAN, 0, 0, 0),
                                HostArray.filled(0, Shape.of(1, 4)),
                                c)));
        return onSizes(entry, 4);
    }

    private static OpEntry gru() {
        OpEntry.TensorFunction function = in -> Engine.applyAll(GruGates.INSTANCE, GruGates.RESULTS, in)[0];
        OpEntry.Oracle oracle = in -> {
            int hidden = in[2].shape().size(1);
            return HostArray.compute(in[2].shape(), i -> {
                int h = i[1];
                double reset = sigmoid(in[0].at(i[0], h) + in[1].at(i[0], h));
                double update = sigmoid(in[0].at(i[0], hidden + h) + in[1].at(i[0], hidden + h));
                double candidate = Math.tanh(in[0].at(i[0], 2 * hidden + h) + reset * in[1].at(i[0], 2 * hidden + h));
                return (1 - update) * candidate + update * in[2].at(i[0], h);
            });
        };
        // Reset and update shut: the candidate is tanh(0), and its slope 1 is the whole gradient.
        HostArray x = HostArray.of(Shape.of(1, 3), -INF, -INF, 0);
        HostArray h = HostArray.of(Shape.of(1, 3), 1, 1, 5);
        HostArray state = HostArray.of(Shape.of(1, 1), 0.5);
        OpEntry entry = OpEntry.of("GRU gates", 3, function, oracle)
                .covering(GruGates.class)
                .within(new Tolerance(2e-6, 1e-13, false))
                .atSpecialValues(List.of(
                        SpecialCase.of("gates shut", function, HostArray.of(Shape.of(1, 1), 0), x, h, state)
                                .withGradients(
                                        HostArray.of(Shape.of(1, 1), 2),
                                        HostArray.of(Shape.of(1, 3), 0, 0, 2),
                                        HostArray.of(Shape.of(1, 3), 0, 0, 0),
                                        HostArray.of(Shape.of(1, 1), 0))));
        return onSizes(entry, 3);
    }

    private static OpEntry onSizes(OpEntry entry, int gates) {
        OpEntry all = entry;
        for (int[] s : new int[][] {{2, 3}, {1, 1}, {0, 2}, {2, 0}}) {
            all = all.on(Sample.smooth(step(gates, s[0], s[1])));
        }
        for (int[] s : new int[][] {{3, 17}, {5, 64}, {33, 7}, {2, 1031}}) {
            all = all.on(Sample.forward(step(gates, s[0], s[1])));
        }
        return all;
    }

    private static HostArray[] step(int gates, int batch, int hidden) {
        Shape sums = Shape.of(batch, gates * hidden);
        return new HostArray[] {
            HostArray.uniform(92, -2, 2, sums),
            HostArray.uniform(93, -2, 2, sums),
            HostArray.uniform(94, -1, 1, Shape.of(batch, hidden))
        };
    }

    /** What a mask does: bool ones are where a last input is positive. */
    private enum Mask {
        NONE,
        BOOL,
        ADDED
    }

    private static OpEntry attention(String name, AttentionParameters p, Mask mask) {
        OpEntry.TensorFunction function = in -> {
            Tensor given = mask == Mask.NONE ? null : mask == Mask.BOOL ? in[3].gt(0) : in[3];
            return Tensor.scaledDotProductAttention(in[0], in[1], in[2], given, p);
        };
        OpEntry entry = OpEntry.of(name, mask == Mask.NONE ? 3 : 4, function, in -> attended(p, mask, in))
                .covering(AttentionOp.class)
                .within(new Tolerance(1e-5, 1e-12, false));
        if (mask == Mask.BOOL) {
            entry = entry.watching(0, 1, 2).atSpecialValues(List.of(noKey(function)));
        }
        int[][] sizes = {{1, 2, 1, 3, 3, 2, 2}, {2, 2, 2, 2, 4, 3, 1}, {1, 1, 1, 1, 1, 1, 1}, {0, 2, 1, 2, 2, 2, 2}};
        for (int[] s : sizes) {
            entry = entry.on(Sample.smooth(sequence(mask, s)));
        }
        int[][] larger = {
            {2, 3, 3, 17, 17, 8, 8}, {1, 4, 2, 65, 65, 16, 5}, {1, 2, 1, 7, 131, 33, 17}, {1, 1, 1, 70, 150, 64, 64}
        };
        for (int[] s : larger) {
            entry = entry.on(Sample.forward(sequence(mask, s)));
        }
        return entry;
    }

    /** Of a projection of two heads of queries and one of keys and values. */
    private static OpEntry selfAttention(String name, AttentionParameters p, Mask mask) {
        OpEntry.TensorFunction function =
                in -> Engine.apply(new SelfAttention(p, 2, 1, 0, null), in[0], mask == Mask.NONE ? null : in[1].gt(0));
        OpEntry entry = OpEntry.of(name, mask == Mask.NONE ? 1 : 2, function, in -> attendedWithin(p, mask, in))
                .covering(SelfAttention.class)
                .within(new Tolerance(1e-5, 1e-12, false));
        if (mask == Mask.BOOL) {
            entry = entry.watching(0).atSpecialValues(List.of(noKeyWithin(function)));
        }
        for (int[] s : new int[][] {{1, 3, 2}, {2, 4, 3}, {1, 1, 1}, {0, 2, 2}}) {
            entry = entry.on(Sample.smooth(projection(mask, s)));
        }
        for (int[] s : new int[][] {{2, 17, 8}, {1, 131, 33}, {1, 70, 64}}) {
            entry = entry.on(Sample.forward(projection(mask, s)));
        }
        return entry;
    }

    /** @param s batch, places and the size of a head */
    private static HostArray[] projection(Mask mask, int... s) {
        HostArray x = HostArray.uniform(95, -1, 1, Shape.of(s[0], s[1], 4 * s[2]));
        return mask == Mask.NONE
                ? new HostArray[] {x}
                : new HostArray[] {x, HostArray.signed(98, 0.5, 1, Shape.of(1, 2, s[1], s[1]))};
    }

    private static HostArray attendedWithin(AttentionParameters p, Mask mask, HostArray... in) {
        Shape shape = in[0].shape();
        int size = shape.size(2) / 4;
        HostArray q = HostArray.compute(
                Shape.of(shape.size(0), 2, shape.size(1), size), i -> in[0].at(i[0], i[2], i[1] * size + i[3]));
        HostArray k = HostArray.compute(
                Shape.of(shape.size(0), 1, shape.size(1), size), i -> in[0].at(i[0], i[2], 2 * size + i[3]));
        HostArray v = HostArray.compute(
                Shape.of(shape.size(0), 1, shape.size(1), size), i -> in[0].at(i[0], i[2], 3 * size + i[3]));
        HostArray y = mask == Mask.NONE ? attended(p, mask, q, k, v) : attended(p, mask, q, k, v, in[1]);
        return HostArray.compute(shape.with(2, 2 * size), i -> y.at(i[0], i[2] / size, i[1], i[2] % size));
    }

    /** As {@link #noKey}, of both heads. */
    private static SpecialCase noKeyWithin(OpEntry.TensorFunction function) {
        HostArray x = HostArray.of(Shape.of(1, 2, 4), 1, 1, 1e15, 3, 1e15, 1e15, -1, 7);
        HostArray mask = HostArray.of(Shape.of(1, 1, 2, 2), -1, -1, -1, 1);
        return SpecialCase.of("no key, one key", function, HostArray.of(Shape.of(1, 2, 2), 0, 0, 7, 7), x, mask)
                .withGradients(
                        HostArray.of(Shape.of(1, 2, 2), 5, 6, 2, 3), HostArray.of(x.shape(), 0, 0, 0, 0, 0, 0, 0, 5));
    }

    /** @param s batch, heads, heads of keys, queries, keys, and the sizes of a key and a value */
    private static HostArray[] sequence(Mask mask, int... s) {
        HostArray q = HostArray.uniform(95, -1, 1, Shape.of(s[0], s[1], s[3], s[5]));
        HostArray k = HostArray.uniform(96, -1, 1, Shape.of(s[0], s[2], s[4], s[5]));
        HostArray v = HostArray.uniform(97, -1, 1, Shape.of(s[0], s[2], s[4], s[6]));
        Shape places = Shape.of(1, s[1], s[3], s[4]);
        return switch (mask) {
            case NONE -> new HostArray[] {q, k, v};
            case BOOL -> new HostArray[] {q, k, v, HostArray.signed(98, 0.5, 1, places)};
            case ADDED -> new HostArray[] {q, k, v, HostArray.uniform(99, -1, 1, places)};
        };
    }

    private static HostArray attended(AttentionParameters p, Mask mask, HostArray... in) {
        int size = in[0].shape().size(3);
        int queries = in[0].shape().size(2);
        int keys = in[1].shape().size(2);
        int group = in[0].shape().size(1) / in[1].shape().size(1);
        HostArray added = mask == Mask.NONE ? null : in[3].expand(in[0].shape().with(3, keys));
        HostArray weights = HostArray.compute(in[0].shape().with(3, keys), i -> {
            int key = i[3];
            int query = in[0].offset(i[0], i[1], i[2], 0);
            int other = in[1].offset(i[0], i[1] / group, key, 0);
            double product = 0;
            for (int e = 0; e < size; e++) {
                product += in[0].values()[query + e] * in[1].values()[other + e];
            }
            boolean hidden = p.causal() && key > i[2] + keys - queries
                    || mask == Mask.BOOL && added.at(i[0], i[1], i[2], key) <= 0;
            double more = mask == Mask.ADDED ? added.at(i[0], i[1], i[2], key) : 0;
            return hidden ? 0 : Math.exp(p.scale(size) * product + more);
        });
        int width = in[2].shape().size(3);
        return HostArray.compute(in[0].shape().with(3, width), i -> {
            int first = weights.offset(i[0], i[1], i[2], 0);
            int value = in[2].offset(i[0], i[1] / group, 0, i[3]);
            double sum = 0;
            double y = 0;
            for (int key = 0; key < keys; key++) {
                double weight = weights.values()[first + key];
                sum += weight;
                y += weight * in[2].values()[value + key * width];
            }
            return sum == 0 ? 0 : y / sum;
        });
    }

    /** A query that attends to no key, and one that attends to one key, whatever the magnitude of its product. */
    private static SpecialCase noKey(OpEntry.TensorFunction function) {
        HostArray q = HostArray.of(Shape.of(1, 1, 2, 1), 1, 1e15);
        HostArray k = HostArray.of(Shape.of(1, 1, 2, 1), 1e15, -1);
        HostArray v = HostArray.of(Shape.of(1, 1, 2, 1), 3, 7);
        HostArray mask = HostArray.of(Shape.of(1, 1, 2, 2), -1, -1, -1, 1);
        HostArray zero = HostArray.filled(0, Shape.of(1, 1, 2, 1));
        return SpecialCase.of("no key, one key", function, HostArray.of(Shape.of(1, 1, 2, 1), 0, 7), q, k, v, mask)
                .withGradients(
                        HostArray.of(Shape.of(1, 1, 2, 1), 5, 2), zero, zero, HostArray.of(Shape.of(1, 1, 2, 1), 0, 2));
    }
}

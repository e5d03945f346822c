package org.alborz.tck;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.LstmSequence;
import org.alborz.ops.LstmOp;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** A layer of an LSTM over all steps: its entries in the catalogue, and that a backend's own gives what single steps give, forward and backward. */
final class LstmChecks {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final double NAN = Double.NaN;
    private static final Tolerance CLOSE = new Tolerance(1e-5, 1e-12, false);

    /** Batch, steps and hidden units. */
    private static final int[][] SIZES = {
        {0, 2, 3}, {1, 1, 1}, {1, 3, 7}, {3, 5, 1}, {3, 2, 65}, {5, 3, 33}, {33, 4, 7}, {40, 2, 16}
    };

    private final Sessions sessions;

    LstmChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    static List<OpEntry> entries() {
        return List.of(
                entry("LSTM", false, false),
                entry("LSTM in reverse", true, false),
                entry("LSTM of lengths", false, true));
    }

    /** The hidden states of all steps, and behind them the last cell state. */
    private static OpEntry entry(String name, boolean reverse, boolean padded) {
        OpEntry.TensorFunction function = in -> {
            Tensor lengths = padded
                    ? in[0].session()
                            .tensor(lengths(in[0].shape().size(0), in[0].shape().size(1)))
                    : null;
            Tensor[] results = LstmOp.apply(reverse, in[0], in[1], in[2], in[3], lengths);
            return Tensor.concat(1, results[0], results[1].unsqueeze(1));
        };
        HostArray zero = HostArray.filled(0, Shape.of(1, 1));
        HostArray weight = HostArray.filled(0, Shape.of(4, 1));
        // Input shut, forget open, output half; the cell state passes with slope o = 1/2.
        HostArray shut = HostArray.of(Shape.of(1, 1, 4), -INF, INF, 1, 0);
        HostArray dy = HostArray.of(Shape.of(1, 2, 1), 2, 3);
        HostArray nothing = HostArray.filled(0, Shape.of(1, 1, 4));
        OpEntry entry = OpEntry.of(name, 4, function, in -> states(reverse, padded, in))
                .covering(LstmOp.class)
                .within(new Tolerance(1e-5, 1e-12, false))
                .atSpecialValues(List.of(
                        SpecialCase.of(
                                        "gates shut and open",
                                        function,
                                        HostArray.filled(0, Shape.of(1, 2, 1)),
                                        shut,
                                        weight,
                                        zero,
                                        zero)
                                .withGradients(dy, nothing, weight, zero, HostArray.filled(4, Shape.of(1, 1))),
                        SpecialCase.of(
                                "NaN",
                                function,
                                HostArray.filled(NAN, Shape.of(1, 2, 1)),
                                HostArray.of(Shape.of(1, 1, 4), NAN, 0, 0, 0),
                                weight,
                                zero,
                                zero)));
        for (int[] s : new int[][] {{2, 3, 2}, {3, 2, 3}, {1, 1, 1}, {0, 2, 2}}) {
            entry = entry.on(Sample.smooth(layer(s)));
        }
        for (int[] s : new int[][] {{33, 7, 5}, {5, 3, 17}, {3, 2, 65}, {17, 4, 16}}) {
            entry = entry.on(Sample.forward(layer(s)));
        }
        return entry;
    }

    /** Returns lengths of all steps down to none in turn. */
    private static int[] lengths(int batch, int steps) {
        int[] lengths = new int[batch];
        Arrays.setAll(lengths, i -> steps - i % (steps + 1));
        return lengths;
    }

    private static HostArray[] layer(int... s) {
        return new HostArray[] {
            HostArray.uniform(101, -2, 2, Shape.of(s[0], s[1], 4 * s[2])),
            HostArray.uniform(102, -1, 1, Shape.of(4 * s[2], s[2])),
            HostArray.uniform(103, -1, 1, Shape.of(s[0], s[2])),
            HostArray.uniform(104, -1, 1, Shape.of(s[0], s[2]))
        };
    }

    private static HostArray states(boolean reverse, boolean padded, HostArray... in) {
        int batch = in[0].shape().size(0);
        int steps = in[0].shape().size(1);
        int size = in[2].shape().size(1);
        double[][][] results = new double[batch][steps + 1][];
        for (int row = 0; row < batch; row++) {
            double[] h = new double[size];
            double[] c = new double[size];
            for (int j = 0; j < size; j++) {
                h[j] = in[2].at(row, j);
                c[j] = in[3].at(row, j);
            }
            for (int number = 0; number < steps; number++) {
                int step = reverse ? steps - 1 - number : number;
                if (!padded || step < lengths(batch, steps)[row]) {
                    h = step(in[0], in[1], row, step, h, c);
                }
                results[row][step] = h;
            }
            results[row][steps] = c;
        }
        return HostArray.compute(Shape.of(batch, steps + 1, size), i -> results[i[0]][i[1]][i[2]]);
    }

    /** Returns the next hidden state, and changes the cell state to the next one. */
    private static double[] step(HostArray sums, HostArray weight, int row, int step, double[] h, double... c) {
        int size = h.length;
        double[] gates = new double[4 * size];
        for (int j = 0; j < gates.length; j++) {
            gates[j] = sums.at(row, step, j);
            for (int k = 0; k < size; k++) {
                gates[j] += weight.at(j, k) * h[k];
            }
        }
        double[] next = new double[size];
        for (int j = 0; j < size; j++) {
            double candidate = Math.tanh(gates[2 * size + j]);
            c[j] = sigmoid(gates[size + j]) * c[j] + sigmoid(gates[j]) * candidate;
            next[j] = sigmoid(gates[3 * size + j]) * Math.tanh(c[j]);
        }
        return next;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    List<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : Sessions.FLOATING) {
            for (int[] size : SIZES) {
                tests.add(dynamicTest(
                        "LstmSequence / " + Arrays.toString(size) + " / " + dtype, () -> check(dtype, size)));
            }
        }
        return tests;
    }

    private void check(DType dtype, int... size) {
        sessions.run(dtype, session -> {
            FusionChecks.offered(session, LstmSequence.class);
            for (int settings = 0; settings < 12; settings++) {
                try (Scope scope = session.scope("layer")) {
                    Tensor[] actual = run(session, settings, true, size);
                    Tensor[] expected = run(session, settings, false, size);
                    for (int i = 0; i < actual.length; i++) {
                        FusionChecks.compare("result " + i + " of " + scope, actual[i], expected[i], CLOSE);
                    }
                }
            }
        });
    }

    /**
     * Returns the states of all steps, the last cell state, and the gradients of all inputs.
     *
     * @param settings bits: in reverse; whether the gradient is of the cell state as well; and above them the type of the lengths, 0 without
     */
    private static Tensor[] run(Session session, int settings, boolean fused, int... size) {
        boolean reverse = (settings & 1) != 0;
        int[] lengths = lengths(size[0], size[1]);
        Tensor given = switch (settings >> 2) {
            case 0 -> null;
            case 1 -> session.tensor(lengths);
            default -> session.tensor(Arrays.stream(lengths).asLongStream().toArray(), Shape.of(size[0]));
        };
        try (Tape tape = new Tape(session)) {
            Tensor[] in = new Tensor[4];
            HostArray[] values = layer(size);
            for (int i = 0; i < in.length; i++) {
                in[i] = tape.watch(session.tensor(values[i].values(), values[i].shape()));
            }
            Tensor[] results = fused
                    ? LstmOp.apply(reverse, in[0], in[1], in[2], in[3], given)
                    : LstmOp.composed(reverse, in[0], in[1], in[2], in[3], given);
            Tensor sum = results[0].mul(weights(session, results[0].shape())).sum();
            if ((settings & 2) != 0) {
                sum = sum.add(
                        results[1].mul(weights(session, results[1].shape())).sum());
            }
            Gradients gradients = tape.gradients(sum, in);
            return new Tensor[] {
                results[0],
                results[1],
                gradients.of(in[0]),
                gradients.of(in[1]),
                gradients.of(in[2]),
                gradients.of(in[3])
            };
        }
    }

    private static Tensor weights(Session session, Shape shape) {
        return session.tensor(HostArray.uniform(105, -1, 1, shape).values(), shape);
    }
}

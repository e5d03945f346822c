package org.alborz.tck;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.backend.Ctc;
import org.alborz.ops.CtcComposition;
import org.alborz.ops.CtcOp;
import org.alborz.ops.Engine;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Connectionist temporal classification: the catalogue's entry, and that a backend's own gives what the composition gives. */
final class CtcChecks {
    private static final double INF = Double.POSITIVE_INFINITY;

    /** Samples, times, classes and labels. */
    private static final int[][] SIZES = {
        {0, 3, 4, 2}, {3, 0, 4, 2}, {2, 5, 4, 0}, {1, 1, 2, 1}, {4, 9, 5, 3}, {3, 40, 31, 17}, {2, 300, 7, 140}
    };

    private static final Tolerance CLOSE = new Tolerance(2e-4, 1e-10, false);

    private final Sessions sessions;

    CtcChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    List<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : Sessions.FLOATING) {
            for (int[] size : SIZES) {
                tests.add(dynamicTest("Ctc / " + Shape.of(size) + " / " + dtype, () -> check(dtype, size)));
            }
        }
        return tests;
    }

    private void check(DType dtype, int... s) {
        sessions.run(dtype, session -> {
            FusionChecks.offered(session, Ctc.class);
            Tensor[] actual = run(session, true, s);
            Tensor[] expected = run(session, false, s);
            for (int i = 0; i < actual.length; i++) {
                FusionChecks.compare(i == 0 ? "losses" : "gradient", actual[i], expected[i], CLOSE);
            }
        });
    }

    private static Tensor[] run(Session session, boolean fused, int... s) {
        try (Tape tape = new Tape(session)) {
            HostArray scores = HostArray.uniform(121, -2, 2, Shape.of(s[0], s[1], s[2]));
            Tensor x = tape.watch(session.tensor(scores.values(), scores.shape()));
            Tensor[] given = integers(session, s);
            Tensor losses = fused
                    ? Engine.apply(new CtcOp(1), x, given[0], given[1], given[2])
                    : new CtcComposition(1, x, given[0], given[1], given[2]).losses();
            if (s[1] == 0) {
                return new Tensor[] {losses};
            }
            HostArray weights = Objective.weights(losses.shape());
            Tensor finite = losses.lt(INF);
            Tensor counted = Tensor.where(finite, losses, session.zeros(losses.shape()));
            Tensor sum = counted.mul(session.tensor(weights.values(), losses.shape()))
                    .sum();
            return new Tensor[] {losses, tape.gradients(sum, x).of(x)};
        }
    }

    /** Returns labels, some of them twice in a row, and lengths of outputs and labels of which some do not fit each other. */
    private static Tensor[] integers(Session session, int... s) {
        int[] labels = new int[s[0] * s[3]];
        int[] inputLengths = new int[s[0]];
        int[] labelLengths = new int[s[0]];
        for (int n = 0; n < s[0]; n++) {
            inputLengths[n] = Math.max(0, s[1] - 2 * n);
            labelLengths[n] = Math.max(0, s[3] - n);
            for (int i = 0; i < s[3]; i++) {
                int label = (3 * n + i / 2) % Math.max(1, s[2] - 1);
                labels[n * s[3] + i] = label == 1 ? s[2] - 1 : label;
            }
        }
        return new Tensor[] {
            session.tensor(labels, Shape.of(s[0], s[3])),
            session.tensor(inputLengths, Shape.of(s[0])),
            session.tensor(labelLengths, Shape.of(s[0]))
        };
    }

    // ---- the catalogue's entry ----

    static OpEntry entry() {
        OpEntry.TensorFunction function = in -> {
            Shape shape = in[0].shape();
            Tensor[] given = integers(in[0].session(), shape.size(0), shape.size(1), shape.size(2), 3);
            return Engine.apply(new CtcOp(1), in[0], given[0], given[1], given[2]);
        };
        return OpEntry.of("ctc", 1, function, in -> losses(in[0]))
                .covering(CtcOp.class)
                .within(new Tolerance(1e-5, 1e-12, false))
                .atSpecialValues(
                        List.of(special("impossible outputs and labels", false), special("the same, composed", true)))
                .on(
                        Sample.smooth(HostArray.uniform(122, -2, 0, Shape.of(2, 6, 4))),
                        Sample.smooth(HostArray.uniform(122, -2, 0, Shape.of(0, 6, 4))),
                        Sample.forward(HostArray.uniform(122, -2, 0, Shape.of(3, 33, 17))));
    }

    /** Adds up probabilities, not logarithms, over times and states; labels as {@link #integers} makes them for three of them. */
    private static HostArray losses(HostArray logs) {
        Shape shape = logs.shape();
        return HostArray.compute(Shape.of(shape.size(0)), at -> {
            int n = at[0];
            int count = 3 - n;
            int[] path = new int[2 * count + 1];
            for (int i = 0; i < path.length; i++) {
                int label = (3 * n + i / 2 / 2) % (shape.size(2) - 1);
                path[i] = i % 2 == 0 ? 1 : label == 1 ? shape.size(2) - 1 : label;
            }
            double[] alpha = new double[path.length];
            alpha[0] = 1;
            for (int t = 0; t < shape.size(1) - 2 * n; t++) {
                double[] next = new double[path.length];
                for (int i = 0; i < path.length; i++) {
                    double sum = alpha[i] + (i > 0 ? alpha[i - 1] : 0);
                    if (i > 1 && path[i] != 1 && path[i] != path[i - 2]) {
                        sum += alpha[i - 2];
                    }
                    next[i] = sum * Math.exp(logs.at(n, t, path[i]));
                }
                alpha = next;
            }
            return -Math.log(alpha[path.length - 1] + (count == 0 ? 0 : alpha[path.length - 2]));
        });
    }

    /**
     * Two equal labels, which do not fit into two outputs; one label, of which all alignments but one are impossible; no labels, however
     * improbable the blanks are; and an output that is no number.
     */
    private static SpecialCase special(String name, boolean composed) {
        HostArray logs = HostArray.of(
                Shape.of(4, 2, 3),
                -1,
                -1,
                -1,
                -1,
                -1,
                -1,
                -1,
                -INF,
                -2,
                -0.5,
                -1.5,
                -3,
                -1e4,
                -1,
                -1,
                -2e4,
                -1,
                -1,
                -1,
                Double.NaN,
                -1,
                -1,
                -1,
                -1);
        OpEntry.TensorFunction function = in -> {
            Session session = in[0].session();
            Tensor labels = session.tensor(new int[] {1, 1, 1, 9, 9, 9, 1, 9}, Shape.of(4, 2));
            Tensor lengths = session.tensor(new int[] {2, 2, 2, 2});
            Tensor counts = session.tensor(new int[] {2, 1, 0, 1});
            return composed
                    ? new CtcComposition(0, in[0], labels, lengths, counts)
                            .losses()
                            .to(in[0].dtype())
                    : Engine.apply(new CtcOp(0), in[0], labels, lengths, counts);
        };
        SpecialCase result = SpecialCase.of(name, function, HostArray.vector(INF, 2.5, 3e4, Double.NaN), logs);
        if (composed) {
            return result;
        }
        HostArray gradient = HostArray.of(
                Shape.of(4, 2, 3),
                0,
                0,
                0,
                0,
                0,
                0,
                -3,
                0,
                0,
                0,
                -3,
                0,
                -5,
                0,
                0,
                -5,
                0,
                0,
                Double.NaN,
                Double.NaN,
                0,
                Double.NaN,
                Double.NaN,
                0);
        return result.withGradients(HostArray.vector(2, 3, 5, 7), gradient);
    }
}

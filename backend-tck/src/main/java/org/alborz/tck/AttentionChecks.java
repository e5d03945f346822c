package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.Attention;
import org.alborz.ops.AttentionComposition;
import org.alborz.ops.AttentionOp;
import org.alborz.ops.Engine;
import org.alborz.ops.SelfAttention;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;

/** Attention by blocks gives what the composition gives, forward and backward, at sizes of several blocks, in memory that is linear. */
final class AttentionChecks {
    private static final Tolerance CLOSE = new Tolerance(1e-5, 1e-12, false);

    /** Batch, heads, heads of keys, queries, keys, and the sizes of a key and a value. */
    private static final int[][] SIZES = {
        {1, 2, 1, 3, 5, 4, 3},
        {2, 4, 2, 70, 300, 16, 9},
        {1, 1, 1, 130, 130, 33, 64},
        {1, 2, 2, 9, 4, 5, 5},
        {1, 1, 1, 2, 3, 2, 0}
    };

    private final Sessions sessions;

    AttentionChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    List<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : Sessions.FLOATING) {
            for (int[] size : SIZES) {
                for (String mask : List.of("none", "causal", "bool", "added")) {
                    String name = "Attention / " + sizes(size) + " " + mask;
                    tests.add(dynamicTest(name + " / " + dtype, () -> check(dtype, mask, 0, size)));
                    tests.add(dynamicTest(name + " dropout / " + dtype, () -> check(dtype, mask, 0.3, size)));
                }
            }
        }
        for (DType dtype : Sessions.FLOATING) {
            // Samples, heads of a sample, and queries of a head that are a block; rows of weights that begin at odd
            // numbers.
            for (int[] size :
                    new int[][] {{3, 4, 2, 121, 121, 3, 2}, {1, 4, 2, 201, 203, 2, 1}, {1, 2, 1, 371, 369, 1, 2}}) {
                for (double dropout : new double[] {0, 0.25}) {
                    String name = "Attention / by blocks / " + sizes(size) + " dropout " + dropout + " / " + dtype;
                    tests.add(dynamicTest(name, () -> blocks(dtype, dropout, size)));
                }
            }
        }
        for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16}) {
            if (sessions.refusal(type) == null) {
                String name = "Attention / memory of blocks grows with the sequence / " + type;
                tests.add(dynamicTest(name + " dropout", () -> memoryOfBlocks(type, false, 0.1)));
                tests.add(dynamicTest(name + " mask", () -> memoryOfBlocks(type, true, 0)));
            }
        }
        for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16}) {
            if (sessions.refusal(type) == null) {
                tests.add(dynamicTest(
                        "Attention / of one projection is that of its parts / " + type,
                        () -> sessions.run(DType.FLOAT32, session -> ofOneProjection(session, type))));
            }
        }
        tests.add(dynamicTest("Attention / memory grows with the sequence, not its square", this::memory));
        return tests;
    }

    private static String sizes(int... size) {
        return Shape.of(size).toString();
    }

    private static void requireOffered(Session session, int keySize, int valueSize) {
        Attention offered = FusionChecks.offered(session, Attention.class);
        Assumptions.assumeTrue(offered.takes(session.dtype(), keySize, valueSize), "composed for this type or size");
    }

    private void check(DType dtype, String mask, double dropout, int... s) {
        sessions.run(dtype, session -> {
            requireOffered(session, s[5], s[6]);
            Tensor[] actual = run(session, mask, dropout, true, s);
            Tensor[] expected = run(session, mask, dropout, false, s);
            for (int i = 0; i < actual.length; i++) {
                HostArray values = HostArray.of(expected[i].shape(), expected[i].toDoubles());
                CLOSE.check("attention, result or gradient " + i, actual[i], values);
            }
        });
    }

    private static Tensor[] run(Session session, String mask, double dropout, boolean fused, int... s) {
        Tape tape = new Tape(session);
        Tensor q = tape.watch(drawn(session, 1, s[0], s[1], s[3], s[5]));
        Tensor k = tape.watch(drawn(session, 2, s[0], s[2], s[4], s[5]));
        Tensor v = tape.watch(drawn(session, 3, s[0], s[2], s[4], s[6]));
        Tensor given = switch (mask) {
            case "bool" -> drawn(session, 4, s[0], 1, s[3], s[4]).gt(0.5);
            case "added" -> drawn(session, 4, s[1], 1, s[4]);
            default -> null;
        };
        AttentionParameters p = new AttentionParameters(mask.equals("causal"), 0.5);
        RandomKey key = dropout > 0 ? new RandomKey(8, 9, 10) : null;
        Tensor y = fused
                ? Engine.apply(new AttentionOp(p, dropout, key), q, k, v, given)
                : new AttentionComposition(p, dropout, key).of(q, k, v, given);
        Gradients gradients =
                tape.gradients(y.mul(drawn(session, 5, s[0], s[1], s[3], s[6])).sum(), q, k, v);
        return new Tensor[] {y, gradients.of(q), gradients.of(k), gradients.of(v)};
    }

    private static Tensor drawn(Session session, long seed, int... sizes) {
        HostArray values = HostArray.uniform(seed, -2, 2, Shape.of(sizes));
        return session.tensor(values.values(), values.shape());
    }

    /** Bit for bit, also with dropout. */
    private static void ofOneProjection(Session session, DType type) {
        for (double dropout : new double[] {0, 0.25}) {
            RandomKey key = dropout > 0 ? new RandomKey(5, 6, 7) : null;
            SelfAttention operation = new SelfAttention(AttentionParameters.ofCausal(), 4, 2, dropout, key);
            Tensor given = drawn(session, 1, 2, 37, 8 * 5).to(type);
            Tensor mask = drawn(session, 2, 2, 1, 37, 37).gt(-1);
            Tensor[] whole = new Tensor[2];
            Tensor[] parts = new Tensor[2];
            for (Tensor[] results : List.of(whole, parts)) {
                try (Tape tape = new Tape(session)) {
                    Tensor x = tape.watch(given);
                    if (results == whole) {
                        results[0] = Engine.apply(operation, x, mask);
                    } else {
                        Tensor[] of = operation.parts(x);
                        Tensor y = Engine.apply(
                                new AttentionOp(operation.parameters(), dropout, key), of[0], of[1], of[2], mask);
                        results[0] = y.transpose(1, 2).reshape(2, 37, 4 * 5);
                    }
                    Tensor weights = drawn(session, 3, 2, 37, 4 * 5).to(type);
                    results[1] =
                            tape.gradients(results[0].mul(weights).sum(), x).of(x);
                }
            }
            for (int i = 0; i < whole.length; i++) {
                // A gradient of −0 is 0 once it was added to others.
                assertThat(whole[i].add(0).toDoubles())
                        .as("dropout %s, %d", dropout, i)
                        .isEqualTo(parts[i].add(0).toDoubles());
            }
        }
    }

    private void memory() {
        // A session of its own, whose peak is that of this check.
        try (Session session = sessions.openNew(DType.FLOAT32, 2)) {
            requireOffered(session, 4, 4);
        }
        int places = 1024;
        // A matrix of all queries and keys alone would have four bytes for each pair.
        for (double dropout : new double[] {0, 0.1}) {
            assertThat(peak(DType.FLOAT32, places, 4, false, dropout)).isLessThan(4L * places * places / 4);
        }
    }

    /** Twice the places take twice the memory at most, where that of all pairs would take four times as much. */
    private void memoryOfBlocks(DType type, boolean masked, double dropout) {
        long once = peak(type, 400, 1, masked, dropout);
        assertThat(peak(type, 800, 1, masked, dropout)).isLessThan(2 * once + once / 2);
    }

    private long peak(DType type, int places, int size, boolean masked, double dropout) {
        try (Session session = sessions.openNew(type, 2);
                Scope scope = session.scope("attention");
                Tape tape = new Tape(session)) {
            Tensor x = tape.watch(drawn(session, 1, 1, 1, places, size));
            Tensor mask = masked ? tape.watch(drawn(session, 2, places)) : null;
            RandomKey key = dropout > 0 ? new RandomKey(1, 2, 3) : null;
            AttentionOp operation = new AttentionOp(AttentionParameters.ofCausal(), dropout, key);
            Tensor sum = Engine.apply(operation, x, x, x, mask).sum();
            Gradients gradients = masked ? tape.gradients(sum, x, mask) : tape.gradients(sum, x);
            assertThat(gradients.of(x).toDoubles()).doesNotContain(Double.NaN);
            return session.memory().peak();
        }
    }

    /** By blocks or all at once, weights are dropped by the same numbers, and gradients, of an added mask too, are the same. */
    private void blocks(DType dtype, double dropout, int... s) {
        sessions.run(dtype, session -> {
            Tensor[] parts = new Tensor[4];
            Tensor[] whole = new Tensor[4];
            RandomKey key = dropout > 0 ? new RandomKey(5, 6, 7) : null;
            for (boolean byOp : new boolean[] {true, false}) {
                try (Tape tape = new Tape(session)) {
                    Tensor q = tape.watch(drawn(session, 1, s[0], s[1], s[3], s[5]));
                    Tensor k = tape.watch(drawn(session, 2, s[0], s[2], s[4], s[5]));
                    Tensor v = tape.watch(drawn(session, 3, s[0], s[2], s[4], s[6]));
                    Tensor mask = tape.watch(drawn(session, 4, s[1], 1, s[4]));
                    AttentionParameters p = AttentionParameters.ofCausal();
                    Tensor y = byOp
                            ? Engine.apply(new AttentionOp(p, dropout, key), q, k, v, mask)
                            : new AttentionComposition(p, dropout, key).of(q, k, v, mask);
                    Tensor sum =
                            y.mul(drawn(session, 5, s[0], s[1], s[3], s[6])).sum();
                    Gradients g = tape.gradients(sum, q, k, v, mask);
                    Tensor[] all = byOp ? parts : whole;
                    all[0] = y;
                    all[1] = Tensor.concat(0, g.of(q).flatten(), g.of(k).flatten());
                    all[2] = g.of(v);
                    all[3] = g.of(mask);
                }
            }
            for (int i = 0; i < parts.length; i++) {
                FusionChecks.compare("attention by blocks, " + i, parts[i], whole[i], CLOSE);
            }
        });
    }
}

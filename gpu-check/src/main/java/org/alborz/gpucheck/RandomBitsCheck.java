package org.alborz.gpucheck;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.alborz.ops.DropoutOp;
import org.alborz.ops.Engine;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** Dropout masks and uniform numbers are, bit for bit, those of the reference. */
final class RandomBitsCheck implements Check {
    /** Among them counters that overflow 32 bits within a tensor, and every part of the key not 0. */
    private static final List<RandomKey> KEYS = List.of(
            new RandomKey(0, 0, 0),
            new RandomKey(1, 2, 3),
            new RandomKey(-1, Long.MIN_VALUE + 5, 0xFFFF_FFF0L),
            new RandomKey(0x1234_5678_9ABC_DEFL, 1L << 40, 77L << 32));

    private static final double[] RATES = {0, 0.1, 0.25, 0.5, 1.0 / 3, 0.999};
    private static final List<DType> FLOATING = List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16);

    private final Subject subject;
    private final Subject reference;
    private final int most;

    /** Makes a check of tensors of at most the given number of elements. */
    RandomBitsCheck(Subject subject, Subject reference, int most) {
        this.subject = subject;
        this.reference = reference;
        this.most = most;
    }

    @Override
    public String name() {
        return "random";
    }

    @Override
    public void run(Rows rows) {
        for (DType dtype : FLOATING) {
            String refusal = subject.refuses(dtype).orElse(null);
            if (refusal != null) {
                rows.skipped(name() + "." + dtype, refusal);
            } else {
                compare(rows, dtype);
            }
        }
    }

    /** Numbers are compared where the reference has the type too; a mask is the same in every type. */
    private void compare(Rows rows, DType dtype) {
        boolean same = reference.refuses(dtype).isEmpty();
        try (Session ours = subject.session(dtype);
                Session theirs = reference.session(same ? dtype : DType.FLOAT32)) {
            long compared = 0;
            List<String> differences = new ArrayList<>();
            for (RandomKey key : KEYS) {
                for (int size : new int[] {1, 3, 1000, most / 7, most}) {
                    Shape shape = Shape.of(size);
                    if (same) {
                        compared += compare(
                                "uniform",
                                key,
                                size,
                                ours,
                                theirs,
                                s -> s.uniform(key, shape).toDoubles(),
                                differences);
                    }
                    for (double rate : RATES) {
                        compared += compare(
                                "dropout " + rate,
                                key,
                                size,
                                ours,
                                theirs,
                                s -> mask(s, key, rate, shape),
                                differences);
                    }
                }
            }
            rows.judged(
                    name() + "." + dtype,
                    differences.isEmpty(),
                    "%s",
                    differences.isEmpty()
                            ? String.format(
                                    "%,d %s as on the reference",
                                    compared, same ? "numbers and mask bits" : "mask bits")
                            : differences.size() + " tensors differ, the first: " + differences.get(0));
        }
    }

    private static double[] mask(Session session, RandomKey key, double rate, Shape shape) {
        double[] kept =
                Engine.apply(new DropoutOp(rate, key), session.ones(shape)).toDoubles();
        for (int i = 0; i < kept.length; i++) {
            kept[i] = kept[i] == 0 ? 0 : 1;
        }
        return kept;
    }

    private static int compare(
            String what,
            RandomKey key,
            int size,
            Session ours,
            Session theirs,
            Function<Session, double[]> draw,
            List<String> differences) {
        double[] our = in(ours, draw);
        double[] expected = in(theirs, draw);
        for (int i = 0; i < size; i++) {
            if (our[i] != expected[i]) {
                differences.add(what + " of " + size + " elements, " + key + ": element " + i + " is " + our[i]
                        + ", expected " + expected[i]);
                break;
            }
        }
        return size;
    }

    private static double[] in(Session session, Function<Session, double[]> draw) {
        try (Scope scope = session.scope("random")) {
            return draw.apply(session);
        }
    }
}

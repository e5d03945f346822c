package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connectionist temporal classification gives PyTorch 1.13's values and gradients, and what all alignments add up to. */
class CtcLossTest {
    private static final int SAMPLES = 4;
    private static final int TIMES = 7;
    private static final int CLASSES = 5;

    private final Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64);
    private final LossSamples samples = new LossSamples(session);

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor logits() {
        return samples.make(
                i -> Math.sin(0.8 * (i / CLASSES % TIMES) + 1.7 * (i % CLASSES) + 2.3 * (i / CLASSES / TIMES)),
                SAMPLES,
                TIMES,
                CLASSES);
    }

    private Tensor ints(int... values) {
        return session.tensor(values, Shape.of(values.length));
    }

    private Tensor labels() {
        return ints(1, 2, 2, 3, 1, 0, 4, 4, 4, 2, -7, 99).reshape(SAMPLES, 3);
    }

    private final Tensor lengths = ints(7, 5, 6, 3);
    private final Tensor labelLengths = ints(3, 2, 3, 0);

    @Test
    void meanAndItsGradient() {
        samples.check(
                x -> new CtcLoss().of(x.logSoftmax(), labels(), lengths, labelLengths),
                logits(),
                2.603042102678743,
                1.9728551232244375e-05,
                -0.03601188446900386,
                0.009921105522834497,
                0.005075326097967091,
                0.02099572429697003,
                -0.005977280464278575);
    }

    @Test
    void eachLossAndItsGradient() {
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(logits());
            CtcLoss loss = new CtcLoss();
            Tensor terms = loss.terms(x.logSoftmax(), labels(), lengths.to(DType.INT64), labelLengths);
            double[] expected = {6.352455111255605, 3.610480695948623, 8.483893358333644, 3.6614785728775794};
            assertThat(terms.toDoubles()).containsExactly(expected, within(1e-12));
            double[] gradient = tape.gradients(terms.sum(), x).of(x).toDoubles();
            check(gradient, 0, 2, -0.25698341361082294, 0.006662705834666662, -0.24295287342365626);
            check(gradient, 1, 3, -0.07497682369647786, -0.43927138604268484, 0.5034633549397765);
            check(gradient, 1, 6, 0, 0, 0); // behind the end
            check(gradient, 3, 1, -0.6594751047266644, 0.129942939654517, 0.04688826423964045);
        }
    }

    private static void check(double[] gradient, int sample, int time, double... expected) {
        for (int c = 0; c < expected.length; c++) {
            assertThat(gradient[(sample * TIMES + time) * CLASSES + c]).isCloseTo(expected[c], within(1e-12));
        }
    }

    @Test
    void labelsThatDoNotFitIntoTheOutputs() {
        Tensor shorter = ints(4, 5, 4, 3);
        Tensor logs = logits().logSoftmax();
        double[] terms =
                new CtcLoss().terms(logs, labels(), shorter, labelLengths).toDoubles();
        assertThat(terms[2]).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(terms[0]).isCloseTo(7.223961306686321, within(1e-12));
        samples.check(
                x -> new CtcLoss(0, true).of(x.logSoftmax(), labels(), shorter, labelLengths),
                logits(),
                1.968676505770166);
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(logits());
            Tensor sum = new CtcLoss().sum(x.logSoftmax(), labels(), shorter, labelLengths);
            double[] gradient = tape.gradients(sum, x).of(x).toDoubles();
            check(gradient, 2, 1, 0, 0, 0);
            assertThat(gradient).doesNotContain(Double.NaN);
        }
        assertThat(new CtcLoss()
                        .terms(logs, labels(), ints(0, 0, 7, 0), ints(0, 1, 0, 0))
                        .toDoubles()[1])
                .isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(new CtcLoss()
                        .terms(logs, labels(), ints(0, 0, 7, 0), ints(0, 1, 0, 0))
                        .toDoubles()[0])
                .isZero();
    }

    @Test
    void anotherBlank() {
        Tensor labels = ints(1, 2, 2, 3, 1, 0, 0, 3, 0, 2, 0, 0).reshape(SAMPLES, 3);
        assertThat(new CtcLoss(4, false)
                        .terms(logits().logSoftmax(), labels, lengths, labelLengths)
                        .toDoubles())
                .containsExactly(
                        new double[] {6.785329899970724, 3.8172465050356865, 6.9159269341959, 3.7889833128025128},
                        within(1e-12));
    }

    /** Adds up the probabilities of all sequences of outputs that spell the labels. */
    @Test
    void isWhatAllAlignmentsAddUpTo() {
        double[] logs = logits().logSoftmax().toDoubles();
        int[] wanted = {3, 1};
        double sum = 0;
        int times = 5;
        for (int code = 0; code < Math.pow(CLASSES, times); code++) {
            int rest = code;
            int last = -1;
            int found = 0;
            double log = 0;
            boolean fits = true;
            for (int t = 0; t < times; t++) {
                int c = rest % CLASSES;
                rest /= CLASSES;
                log += logs[(TIMES + t) * CLASSES + c];
                if (c != last && c != 0) {
                    fits &= found < wanted.length && wanted[found] == c;
                    found++;
                }
                last = c;
            }
            sum += fits && found == wanted.length ? Math.exp(log) : 0;
        }
        double[] terms = new CtcLoss()
                .terms(logits().logSoftmax(), labels(), lengths, labelLengths)
                .toDoubles();
        assertThat(terms[1]).isCloseTo(-Math.log(sum), within(1e-12));
    }

    /** A label beyond the classes would otherwise be read from the next sample, and one below 0 from the one before. */
    @Test
    void labelsThatAreNoClassesAreRefused() {
        Tensor logs = logits().logSoftmax();
        for (int label : new int[] {CLASSES, -1}) {
            Tensor labels = ints(1, 2, 2, 3, label, 0, 4, 4, 4, 2, -7, 99).reshape(SAMPLES, 3);
            assertThatThrownBy(() -> new CtcLoss().terms(logs, labels, lengths, labelLengths))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("from 0 to 4, got " + label);
        }
    }

    /** Converted to int32 first, a label of 2³² + 1 would be the label 1, and a length of 2³² the length 0. */
    @Test
    void longLabelsAndLengthsAreCheckedAsTheyAre() {
        Tensor logs = logits().logSoftmax();
        long beyond = (1L << 32) + 1;
        Tensor labels = session.tensor(new long[] {1, 2, beyond, 3, 1, 0, 4, 4, 4, 2, 0, 0}, Shape.of(SAMPLES, 3));
        assertThatThrownBy(() -> new CtcLoss().terms(logs, labels, lengths, labelLengths))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("labels from 0 to 4, got " + Integer.MAX_VALUE + " in sample 0");
        Tensor longLengths = session.tensor(new long[] {7, 5, 1L << 32, 3}, Shape.of(SAMPLES));
        assertThatThrownBy(() -> new CtcLoss().terms(logs, labels(), longLengths, labelLengths))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("lengths of outputs from 0 to 7");
        assertThatThrownBy(() -> new CtcLoss().terms(logs, labels(), ints(7, 5, 8, 3), labelLengths))
                .hasMessageContaining("lengths of outputs from 0 to 7, got 8 in sample 2");
        assertThatThrownBy(() -> new CtcLoss().terms(logs, labels(), lengths, ints(3, 2, -1, 0)))
                .hasMessageContaining("lengths of labels from 0 to 3, got -1");
    }

    @Test
    void nothingIsLeftBesideTheLosses() {
        Tensor logs = logits().logSoftmax();
        Tensor labels = labels();
        try (Scope scope = session.scope("losses")) {
            new CtcLoss().terms(logs, labels, lengths, labelLengths);
            assertThat(scope.size()).isEqualTo(1);
        }
    }

    @Test
    void impossibleOutputsAndBadArguments() {
        Tensor logs = logits().logSoftmax();
        logs.narrow(2, 2, 1).fill(Double.NEGATIVE_INFINITY);
        double[] terms =
                new CtcLoss().terms(logs, labels(), lengths, labelLengths).toDoubles();
        assertThat(terms[0]).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(terms[1]).isCloseTo(3.610480695948623, within(1e-12));
        assertThatThrownBy(() -> new CtcLoss(5, false).terms(logs, labels(), lengths, labelLengths))
                .hasMessageContaining("one of the 5 classes, got 5");
        assertThatThrownBy(() -> new CtcLoss().terms(logs, labels(), lengths, ints(1, 2)))
                .hasMessageContainingAll("[N, T, C]", "[2] int32");
        assertThatThrownBy(() -> new CtcLoss().terms(logs, labels(), lengths, ints(4, 1, 1, 1)))
                .isInstanceOf(RuntimeException.class);
    }
}
